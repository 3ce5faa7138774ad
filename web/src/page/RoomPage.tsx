import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { RoomCall, roomSocketUrl, type CallState } from '../protocol/index.ts';
import { Announcer } from './Announcer.tsx';
import { AudioOutput } from './AudioOutput.tsx';
import { CallPage } from './CallPage.tsx';
import { EndPage } from './EndPage.tsx';
import { useMicrophone, useTitle } from './hooks.ts';
import { JoinPage } from './JoinPage.tsx';
import { cleanName, type PageLink } from './link.ts';
import { readPreferences, rememberName } from './preferences.ts';

interface RoomPageProps {
  readonly room: string;
  readonly link: PageLink;
}

/** One room, from the question for a name to the goodbye. */
export function RoomPage({ room, link }: RoomPageProps): JSX.Element {
  const [name, setName] = useState(link.name ?? readPreferences().name);
  const [call, setCall] = useState<RoomCall>();
  const [state, setState] = useState<CallState>();
  const used = useMicrophone();
  const { track, status } = used.state;
  useTitle(`${state?.roomTitle ?? room} – zonebridge`);

  // A link that says so joins as soon as the microphone is there; without one the person decides.
  const joinAtOnce = useRef(link.join && cleanName(name) !== '');
  const join = (listenOnly: boolean): void => {
    joinAtOnce.current = false;
    const cleaned = cleanName(name);
    rememberName(cleaned);
    const url = roomSocketUrl(new URL(location.href), room);
    const carried = listenOnly ? undefined : track;
    // Who left muted comes back muted.
    const muted = state?.muted ?? false;
    const joined = new RoomCall({ url, name: cleaned, muted, track: carried, onState: setState });
    setCall(joined);
    setState(joined.state);
  };

  useEffect(() => {
    if (joinAtOnce.current && status === 'ready') join(false);
  }, [status]);
  useCallLifetime(call, track);

  const phase = call === undefined ? undefined : state?.phase;
  const over = phase?.kind === 'over';
  useEffect(() => {
    if (over) used.microphone?.stop();
  }, [over]);

  if (call === undefined || state === undefined || phase === undefined || phase.kind === 'joining') {
    const busy = phase?.kind === 'joining' || (joinAtOnce.current && status !== 'failed');
    return <JoinPage room={room} name={name} used={used} busy={busy} onName={setName} onJoin={join} />;
  }
  if (phase.kind === 'over') {
    const rejoin = (): void => {
      joinAtOnce.current = true;
      setCall(undefined);
      void used.microphone?.open();
    };
    return <EndPage room={state.roomTitle ?? room} phase={phase} onRejoin={rejoin} />;
  }
  return (
    <>
      <CallPage room={room} call={call} state={state} used={used} />
      <AudioOutput stream={state.remoteStream} />
      <Announcer state={state} />
    </>
  );
}

/** Gives the call the present microphone, and ends it with the page. */
function useCallLifetime(call: RoomCall | undefined, track: MediaStreamTrack | undefined): void {
  const lastTrack = useRef(track);
  useEffect(() => {
    if (track === lastTrack.current) return;
    lastTrack.current = track;
    void call?.setTrack(track);
  }, [call, track]);
  useEffect(() => {
    if (call === undefined) return undefined;
    const leave = (): void => call.leave();
    const online = (): void => call.retryNow();
    window.addEventListener('pagehide', leave);
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('online', online);
      call.leave();
    };
  }, [call]);
}
