import type { JSX } from 'preact';
import type { CallPhase, RoomCall } from '../protocol/index.ts';
import { CameraPreview } from './CameraPreview.tsx';
import { Frame } from './Frame.tsx';
import { useInitialFocus } from './hooks.ts';
import { LockIcon } from './icons.tsx';
import type { PageLink } from './link.ts';
import { expectReturn } from './loginReturn.ts';
import { LoginProblemNote } from './LoginProblemNote.tsx';
import { PinPage } from './PinPage.tsx';
import type { Devices } from './useDevices.ts';

export type GatePhase = Extract<CallPhase, { kind: 'pin' | 'lobby' | 'login' }>;

export function isGate(phase: CallPhase): phase is GatePhase {
  return phase.kind === 'pin' || phase.kind === 'lobby' || phase.kind === 'login';
}

interface GatePageProps {
  readonly room: string;
  readonly name: string;
  readonly phase: GatePhase;
  readonly call: RoomCall;
  readonly devices: Devices;
  readonly loginProblem: PageLink['loginProblem'];
}

/** What must be done before one is let in. */
export function GatePage(props: GatePageProps): JSX.Element {
  const { room, phase, call, loginProblem } = props;
  const leave = (): void => call.leave();
  if (phase.kind === 'pin')
    return <PinPage room={room} phase={phase} onCode={(code) => call.enterCode(code)} onLeave={leave} />;
  if (phase.kind === 'lobby') return <LobbyPage {...props} until={phase.until} onLeave={leave} />;
  return <LoginPage room={room} path={phase.path} problem={loginProblem} onLeave={leave} />;
}

interface LobbyPageProps extends Pick<GatePageProps, 'room' | 'name' | 'devices'> {
  readonly until: 'admitted' | 'host';
  readonly onLeave: () => void;
}

const lobbyWords = {
  admitted: ['Waiting to be let in', 'You join by yourself as soon as a host lets you in.'],
  host: ['Waiting for the host', 'You join by yourself as soon as a host of this meeting has come.'],
} as const satisfies Record<LobbyPageProps['until'], readonly [string, string]>;

function LobbyPage({ room, name, devices, until, onLeave }: LobbyPageProps): JSX.Element {
  const heading = useInitialFocus<HTMLHeadingElement>();
  const [title, words] = lobbyWords[until];
  return (
    <Frame wide>
      <CameraPreview name={name} used={devices.camera} onToggle={devices.toggleCamera} />
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {room}
        </h1>
        <div class="waiting-words" role="status">
          <span class="dots" aria-hidden="true">
            <span />
            <span />
            <span />
          </span>
          <p>
            <strong>{title}</strong>
            <br />
            {words}
          </p>
        </div>
        <p class="quiet-words">Until then nobody sees or hears you.</p>
        <button type="button" class="quiet wide" onClick={onLeave}>
          Leave
        </button>
      </div>
    </Frame>
  );
}

interface LoginPageProps {
  readonly room: string;
  readonly path: string;
  readonly problem: PageLink['loginProblem'];
  readonly onLeave: () => void;
}

function LoginPage({ room, path, problem, onLeave }: LoginPageProps): JSX.Element {
  const heading = useInitialFocus<HTMLHeadingElement>();
  return (
    <Frame>
      <h1 ref={heading} tabIndex={-1}>
        {room}
      </h1>
      <p class="lead">
        <LockIcon />
        This meeting is for people who have logged in.
      </p>
      <LoginProblemNote problem={problem} />
      <button
        type="button"
        class="primary wide"
        onClick={() => {
          expectReturn(room);
          // Whatever the path says, the page stays with its own server.
          const { pathname, search } = new URL(path, location.origin);
          location.assign(new URL(`${location.origin}${pathname}${search}`));
        }}
      >
        Log in
      </button>
      <button type="button" class="quiet wide" onClick={onLeave}>
        Leave
      </button>
    </Frame>
  );
}
