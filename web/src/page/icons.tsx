import type { ComponentChildren, JSX } from 'preact';

/** Line drawings on a 24 by 24 grid, in the colour of the text around them; words stand beside them, so they are hidden. */
function Icon({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const microphoneBody = (
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M9 21h6" />
  </>
);

export const MicrophoneIcon = (): JSX.Element => <Icon>{microphoneBody}</Icon>;

export const MutedIcon = (): JSX.Element => (
  <Icon>
    {microphoneBody}
    <path d="M4 3l16 18" />
  </Icon>
);

export const LeaveIcon = (): JSX.Element => (
  <Icon>
    <path d="M3.2 15.4c-.6-.6-.6-1.6 0-2.3 4.7-4.8 12.9-4.8 17.6 0 .6.7.6 1.7 0 2.3l-1.1 1.1c-.4.4-1.1.5-1.6.2l-2.2-1.3a1.3 1.3 0 0 1-.6-1.3l.2-1.4a9.5 9.5 0 0 0-7 0l.2 1.4c.1.5-.2 1-.6 1.3L5.9 16.7c-.5.3-1.2.2-1.6-.2z" />
  </Icon>
);

export const BrowserIcon = (): JSX.Element => (
  <Icon>
    <rect x="3" y="4.5" width="18" height="15" rx="2.5" />
    <path d="M3 9h18M6 6.8h.01M8.5 6.8h.01" />
  </Icon>
);

export const PhoneIcon = (): JSX.Element => (
  <Icon>
    <path d="M7.2 3.5h2.3l1.6 4.3-2 1.6a11.5 11.5 0 0 0 5.5 5.5l1.6-2 4.3 1.6v2.3a2.7 2.7 0 0 1-2.9 2.7C10.3 19 5 13.7 4.5 6.4a2.7 2.7 0 0 1 2.7-2.9z" />
  </Icon>
);

export const LockIcon = (): JSX.Element => (
  <Icon>
    <rect x="5" y="10.5" width="14" height="10" rx="2" />
    <path d="M8 10.5V7.5a4 4 0 0 1 8 0v3" />
  </Icon>
);

export const SpeakerIcon = (): JSX.Element => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />
  </Icon>
);

export const WarningIcon = (): JSX.Element => (
  <Icon>
    <path d="M12 3.5 22 20.5H2zM12 10v4.5M12 17.5h.01" />
  </Icon>
);

export const LinkIcon = (): JSX.Element => (
  <Icon>
    <path d="M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.5" />
  </Icon>
);

export const SettingsIcon = (): JSX.Element => (
  <Icon>
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2" />
    <circle cx="9" cy="17" r="2" />
  </Icon>
);

const cameraBody = (
  <>
    <rect x="2.5" y="6" width="12.5" height="12" rx="2.5" />
    <path d="M15 10.8l6.5-3.6v9.6L15 13.2" />
  </>
);

export const CameraIcon = (): JSX.Element => <Icon>{cameraBody}</Icon>;

export const CameraOffIcon = (): JSX.Element => (
  <Icon>
    {cameraBody}
    <path d="M4 3l16 18" />
  </Icon>
);

export const ShareIcon = (): JSX.Element => (
  <Icon>
    <rect x="2.5" y="4" width="19" height="13" rx="2.5" />
    <path d="M8.5 20.5h7M12 14V7.5M9 10l3-3 3 3" />
  </Icon>
);

export const StopShareIcon = (): JSX.Element => (
  <Icon>
    <rect x="2.5" y="4" width="19" height="13" rx="2.5" />
    <path d="M8.5 20.5h7M9.5 8l5 5M14.5 8l-5 5" />
  </Icon>
);

export const LayoutIcon = (): JSX.Element => (
  <Icon>
    <rect x="3" y="4.5" width="18" height="15" rx="2.5" />
    <path d="M12 4.5v15M3 12h18" />
  </Icon>
);

export const PeopleIcon = (): JSX.Element => (
  <Icon>
    <circle cx="9" cy="8" r="3.5" />
    <path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 13.6a6.5 6.5 0 0 1 3.5 5.9" />
  </Icon>
);

export const PinIcon = (): JSX.Element => (
  <Icon>
    <path d="M9 3.5h6l-.8 6 3.3 3.5h-11l3.3-3.5zM12 13v7.5" />
  </Icon>
);

export const SpotlightIcon = (): JSX.Element => (
  <Icon>
    <path d="M12 3.2l2.7 5.6 6.1.9-4.4 4.3 1 6.1-5.4-2.9-5.4 2.9 1-6.1L3.2 9.7l6.1-.9z" />
  </Icon>
);

export const MoreIcon = (): JSX.Element => (
  <Icon>
    <path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="3" />
  </Icon>
);

export const PhonePlusIcon = (): JSX.Element => (
  <Icon>
    <path d="M6.2 5.5h2.3l1.6 4.3-2 1.6a11.5 11.5 0 0 0 4.5 4.5l1.6-2 4.3 1.6v2.3a2.7 2.7 0 0 1-2.9 2.7C8.3 20 4 15.7 3.5 8.4a2.7 2.7 0 0 1 2.7-2.9zM17.5 3.5v7M14 7h7" />
  </Icon>
);

export const RemoveIcon = (): JSX.Element => (
  <Icon>
    <circle cx="9.5" cy="8" r="3.5" />
    <path d="M3 19.5a6.5 6.5 0 0 1 13 0M16.5 9.5l4.5 4.5M21 9.5 16.5 14" />
  </Icon>
);

export const CloseIcon = (): JSX.Element => (
  <Icon>
    <path d="M6 6l12 12M18 6L6 18" />
  </Icon>
);

export const StatisticsIcon = (): JSX.Element => (
  <Icon>
    <path d="M4 20.5h16M6.5 16.5v-4M12 16.5v-11M17.5 16.5V9" />
  </Icon>
);

export const Logo = (): JSX.Element => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <path d="M5 21.5h22M7 21.5a9 9 0 0 1 18 0M16 12.5v9M11 14v7.5M21 14v7.5" />
  </svg>
);
