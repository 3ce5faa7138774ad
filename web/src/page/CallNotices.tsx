import type { ComponentChildren, JSX } from 'preact';
import type { CallPhase, CallState, RoomCall } from '../protocol/index.ts';
import { DeviceProblemNote } from './DevicePicker.tsx';
import { useLasting, useSecondsUntil, type UsedDevice } from './hooks.ts';
import { WarningIcon } from './icons.tsx';
import type { ScreenShare } from './useScreenShare.ts';

interface CallNoticesProps {
  readonly call: RoomCall;
  readonly state: CallState;
  readonly microphone: UsedDevice;
  readonly camera: UsedDevice;
  readonly share: ScreenShare;
  /** What the room has to say. */
  readonly children: ComponentChildren;
}

const audioPatienceMs = 6_000;

/** What is wrong just now. */
export function CallNotices(props: CallNoticesProps): JSX.Element {
  const { call, state, microphone, camera, share, children } = props;
  const { phase, media } = state;
  const noAudio = useLasting(phase.kind === 'joined' && media !== 'connected', audioPatienceMs);
  return (
    <div class="notices">
      {phase.kind === 'reconnecting' && <Reconnecting phase={phase} onRetry={() => call.retryNow()} />}
      {children}
      {noAudio && (
        <div class="note warning" role="alert">
          <WarningIcon />
          <div>
            <strong>The audio does not get through</strong>
            <p>Your network may block it. Trying again; another network or a VPN switched off can help.</p>
          </div>
        </div>
      )}
      <DeviceProblemNote used={microphone}>
        <button type="button" class="quiet" onClick={() => microphone.device?.stop()}>
          Only listen
        </button>
      </DeviceProblemNote>
      {state.video && (
        <DeviceProblemNote used={camera}>
          <button type="button" class="quiet" onClick={() => camera.device?.stop()}>
            Go on without
          </button>
        </DeviceProblemNote>
      )}
      {share.problem !== undefined && (
        <div class="note warning" role="alert">
          <WarningIcon />
          <div>
            <strong>{share.problem.title}</strong>
            <p>{share.problem.advice}</p>
            <button type="button" class="quiet" onClick={share.forgetProblem}>
              Close
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

interface ReconnectingProps {
  readonly phase: Extract<CallPhase, { kind: 'reconnecting' }>;
  readonly onRetry: () => void;
}

function Reconnecting({ phase, onRetry }: ReconnectingProps): JSX.Element {
  const seconds = useSecondsUntil(phase.retryAtMs);
  return (
    <div class="note warning">
      <WarningIcon />
      <div>
        <strong role="alert">{phase.text}</strong>
        <p>
          {seconds > 0 ? `Trying again in ${seconds} s` : 'Trying again now…'} (attempt {phase.attempt} of{' '}
          {phase.attempts})
        </p>
        <button type="button" class="quiet" disabled={seconds === 0} onClick={onRetry}>
          Try now
        </button>
      </div>
    </div>
  );
}
