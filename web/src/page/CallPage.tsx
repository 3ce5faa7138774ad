import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CallState, RoomCall } from '../protocol/index.ts';
import { CallNotices } from './CallNotices.tsx';
import { Controls } from './Controls.tsx';
import { useInitialFocus, useKey, type UsedMicrophone } from './hooks.ts';
import { LockIcon } from './icons.tsx';
import { Invitation } from './Invitation.tsx';
import { MicrophonePicker } from './MicrophonePicker.tsx';
import { Roster } from './Roster.tsx';

interface CallPageProps {
  readonly room: string;
  readonly call: RoomCall;
  readonly state: CallState;
  readonly used: UsedMicrophone;
}

/** The call itself: who is here, who speaks, and one's own microphone. */
export function CallPage({ room, call, state, used }: CallPageProps): JSX.Element {
  const [settingsOpen, setSettingsOpen] = useState(false);
  const heading = useInitialFocus<HTMLHeadingElement>();
  const hasMicrophone = used.state.track !== undefined;
  const toggleMute = (): void => call.setMuted(!state.muted);
  useKey('m', () => {
    if (hasMicrophone) toggleMute();
  });
  const alone = state.phase.kind === 'joined' && state.participants.length === 1;
  return (
    <div class={state.phase.kind === 'joined' ? 'call' : 'call waiting'}>
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
      <main class="call-main">
        <CallNotices call={call} state={state} used={used} />
        <Roster participants={state.participants} selfId={state.selfId} />
        {alone && <Invitation />}
      </main>
      <Controls
        muted={state.muted}
        hasMicrophone={hasMicrophone}
        microphone={used.microphone}
        settingsOpen={settingsOpen}
        onMute={toggleMute}
        onSettings={() => setSettingsOpen(!settingsOpen)}
        onLeave={() => call.leave()}
      >
        {settingsOpen && <MicrophonePicker used={used} muted={state.muted} />}
      </Controls>
    </div>
  );
}

function peopleWords({ phase, participants }: CallState): string {
  if (phase.kind !== 'joined') return 'Not connected';
  if (participants.length === 0) return '';
  return participants.length === 1 ? '1 person' : `${participants.length} people`;
}
