import type { JSX } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import type { CallState, HostWish, RoomCall } from '../protocol/index.ts';
import { CallNotices } from './CallNotices.tsx';
import { Controls, type Panel } from './Controls.tsx';
import { HostDesk } from './HostDesk.tsx';
import { useInitialFocus, useKey, type UsedDevice } from './hooks.ts';
import { LockIcon } from './icons.tsx';
import { Invitation } from './Invitation.tsx';
import { LayoutMenu } from './LayoutMenu.tsx';
import { readPreferences, remember } from './preferences.ts';
import { RoomNotices } from './RoomNotices.tsx';
import { Roster, type HostActions } from './Roster.tsx';
import { SettingsPanel } from './SettingsPanel.tsx';
import { SidePanel } from './SidePanel.tsx';
import { Stage } from './Stage.tsx';
import { StatisticsPanel } from './StatisticsPanel.tsx';
import type { Devices } from './useDevices.ts';
import { useScreenShare } from './useScreenShare.ts';
import { WaitingList } from './WaitingList.tsx';

interface CallPageProps {
  readonly room: string;
  readonly call: RoomCall;
  readonly state: CallState;
  readonly devices: Devices;
}

/** The call itself: the picture or, without one, who is here and who speaks; and one's own devices. */
export function CallPage({ room, call, state, devices }: CallPageProps): JSX.Element {
  const { video, host } = state;
  const { microphone, camera } = devices;
  const panels = usePanel();
  const [asOthersSee, setAsOthersSee] = useState(() => readPreferences().asOthersSee);
  const share = useScreenShare(call, state);
  const deskShown = !video || panels.panel === 'people';
  const showDesk = (): void => panels.toggle('people');
  const hasMicrophone = microphone.state.track !== undefined;
  const toggleMute = (): void => call.setMuted(!state.muted);
  useKey('m', () => hasMicrophone && toggleMute());
  useKey('v', () => video && devices.toggleCamera());
  useKey('s', () => panels.toggle('statistics'));
  const changeAsOthersSee = (on: boolean): void => {
    remember('asOthersSee', on);
    setAsOthersSee(on);
  };
  return (
    <div class={callClasses(state, panels.panel)}>
      <CallHeader room={room} state={state} />
      <main class="call-main">
        <CallNotices {...{ call, state, microphone, camera, share }}>
          <RoomNotices call={call} state={state} showDesk={deskShown ? undefined : showDesk} />
        </CallNotices>
        {video ? (
          <Stage
            state={state}
            camera={camera.state.track}
            asOthersSee={asOthersSee}
            onStopSharing={() => call.stopSharing()}
          />
        ) : (
          <People call={call} state={state} />
        )}
        {isAlone(state) && <Invitation words="Nobody else is here yet" />}
      </main>
      <OpenPanel {...{ call, state, devices, panels, asOthersSee }} onAsOthersSee={changeAsOthersSee} />
      <Controls
        muted={state.muted}
        hasMicrophone={hasMicrophone}
        tap={devices.tap}
        camera={video ? cameraStatus(camera) : undefined}
        sharing={share.possible ? state.sharing : undefined}
        panel={panels.panel}
        people={state.participants.length}
        waiting={state.waiting.length}
        onMute={toggleMute}
        onCamera={devices.toggleCamera}
        onShare={share.toggle}
        onPanel={panels.toggle}
        onLeave={() => call.leave()}
      >
        {host && video && (
          <LayoutMenu layout={state.stage?.layout ?? 'auto'} onLayout={(layout) => call.setLayout(layout)} />
        )}
      </Controls>
    </div>
  );
}

function isAlone({ phase, participants }: CallState): boolean {
  return phase.kind === 'joined' && participants.length === 1;
}

interface PeopleProps {
  readonly call: RoomCall;
  readonly state: CallState;
}

function People({ call, state }: PeopleProps): JSX.Element {
  const { participants, selfId, video, host, phase, waiting } = state;
  const actions = host ? hostActions(call, video) : undefined;
  const direct = (wish: HostWish): void => call.direct(wish);
  const directs = host && phase.kind === 'joined';
  return (
    <>
      {directs && waiting.length > 0 && <WaitingList waiting={waiting} onWish={direct} />}
      <Roster participants={participants} selfId={selfId} dense={video} actions={actions} />
      {directs && <HostDesk state={state} onWish={direct} />}
    </>
  );
}

function hostActions(call: RoomCall, video: boolean): HostActions {
  const picture = {
    onSpotlight: (participantId: string | undefined) => call.setSpotlight(participantId),
    onPinned: (participantId: string, pinned: boolean) => call.setPinned(participantId, pinned),
  };
  return {
    picture: video ? picture : undefined,
    onMute: (participantId) => call.direct({ type: 'mute-other', participantId }),
    onRemove: (participantId) => call.direct({ type: 'remove', participantId }),
  };
}

interface OpenPanelProps extends Omit<CallPageProps, 'room'> {
  readonly panels: Panels;
  readonly asOthersSee: boolean;
  readonly onAsOthersSee: (on: boolean) => void;
}

function OpenPanel(props: OpenPanelProps): JSX.Element | null {
  const { call, state, devices, panels, asOthersSee, onAsOthersSee } = props;
  const { panel, toggle, close } = panels;
  if (panel === undefined || (panel === 'people' && !state.video)) return null;
  const bodies = {
    people: () => (
      <>
        <People call={call} state={state} />
        {!isAlone(state) && <Invitation words="Invite others" />}
      </>
    ),
    settings: () => (
      <SettingsPanel
        devices={devices}
        muted={state.muted}
        video={state.video}
        asOthersSee={asOthersSee}
        onAsOthersSee={onAsOthersSee}
        onStatistics={() => toggle('statistics')}
      />
    ),
    statistics: () => <StatisticsPanel call={call} />,
  } as const satisfies Record<Panel, () => JSX.Element>;
  return (
    <SidePanel key={panel} id={panel} title={panelTitles[panel]} onClose={close}>
      {bodies[panel]()}
    </SidePanel>
  );
}

const panelTitles = {
  people: 'People',
  settings: 'Settings',
  statistics: 'Statistics',
} as const satisfies Record<Panel, string>;

interface Panels {
  readonly panel: Panel | undefined;
  readonly toggle: (panel: Panel) => void;
  readonly close: () => void;
}

/** Which panel is open. One that closes gives the focus back to where it was. */
function usePanel(): Panels {
  const [panel, setPanel] = useState<Panel>();
  const opener = useRef<Element | null>(null);
  const close = useCallback(() => {
    setPanel(undefined);
    if (opener.current instanceof HTMLElement) opener.current.focus();
  }, []);
  const toggle = (wanted: Panel): void => {
    if (panel === wanted) return close();
    if (panel === undefined) opener.current = document.activeElement;
    setPanel(wanted);
  };
  return { panel, toggle, close };
}

function cameraStatus({ state: { status } }: UsedDevice): 'on' | 'opening' | 'off' {
  if (status === 'ready') return 'on';
  return status === 'opening' ? 'opening' : 'off';
}

function callClasses({ phase, video }: CallState, panel: Panel | undefined): string {
  const classes = ['call', video ? 'with-picture' : 'without-picture'];
  if (phase.kind !== 'joined') classes.push('waiting');
  if (panel !== undefined) classes.push('with-panel');
  return classes.join(' ');
}

interface CallHeaderProps {
  readonly room: string;
  readonly state: CallState;
}

function CallHeader({ room, state }: CallHeaderProps): JSX.Element {
  const heading = useInitialFocus<HTMLHeadingElement>();
  return (
    <header class="call-header">
      <h1 ref={heading} tabIndex={-1}>
        {state.roomTitle ?? room}
      </h1>
      <p class="zone">
        <LockIcon />
        {state.zoneName === undefined ? location.hostname : `${state.zoneName} · ${location.hostname}`}
      </p>
      <p class="count">{peopleWords(state)}</p>
    </header>
  );
}

function peopleWords({ phase, participants, locked }: CallState): string {
  if (phase.kind !== 'joined') return 'Not connected';
  if (participants.length === 0) return '';
  const count = participants.length === 1 ? '1 person' : `${participants.length} people`;
  return locked ? `Locked · ${count}` : count;
}
