import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { RoomCall, roomSocketUrl, type CallState } from '../protocol/index.ts';
import { Announcer } from './Announcer.tsx';
import { AudioOutput } from './AudioOutput.tsx';
import { CallPage } from './CallPage.tsx';
import { EndPage } from './EndPage.tsx';
import { GatePage, isGate } from './GatePage.tsx';
import { useTitle } from './hooks.ts';
import { JoinPage } from './JoinPage.tsx';
import { cleanName, type PageLink } from './link.ts';
import { takeReturn } from './loginReturn.ts';
import { readPreferences, remember } from './preferences.ts';
import { useDevices } from './useDevices.ts';

interface RoomPageProps {
  readonly room: string;
  readonly link: PageLink;
}

/** One room, from the question for a name to the goodbye. */
export function RoomPage({ room, link }: RoomPageProps): JSX.Element {
  const [remembered] = useState(readPreferences);
  const [name, setName] = useState(link.name ?? remembered.name);
  const [call, setCall] = useState<RoomCall>();
  const [state, setState] = useState<CallState>();
  const devices = useDevices(link.camera ?? remembered.camera, call, state);
  const [microphone, camera] = [devices.microphone.state, devices.camera.state];
  useTitle(`${state?.roomTitle ?? room} – zonebridge`);
  useCallLifetime(call);

  // A link that says so, or who comes back from a login, joins as soon as the devices are there; without a microphone the person decides.
  const [cameBack] = useState(() => takeReturn(room));
  const joinAtOnce = useRef((link.join || cameBack) && cleanName(name) !== '');
  const join = (listenOnly: boolean): void => {
    joinAtOnce.current = false;
    const cleaned = cleanName(name);
    remember('name', cleaned);
    // Its problem was told already.
    if (camera.status === 'failed') devices.camera.device?.stop();
    const joined = new RoomCall({
      url: roomSocketUrl(new URL(location.href), room),
      name: cleaned,
      // Who left muted comes back muted.
      muted: state?.muted ?? false,
      microphone: listenOnly ? undefined : microphone.track,
      camera: camera.track,
      onState: setState,
    });
    setCall(joined);
    setState(joined.state);
  };
  useEffect(() => {
    if (joinAtOnce.current && microphone.status === 'ready' && camera.status !== 'opening') join(false);
  }, [microphone.status, camera.status]);

  const phase = call === undefined ? undefined : state?.phase;
  if (call === undefined || state === undefined || phase === undefined || phase.kind === 'joining') {
    const busy = phase?.kind === 'joining' || (joinAtOnce.current && microphone.status !== 'failed');
    return <JoinPage {...{ room, name, devices, busy }} onName={setName} onJoin={join} />;
  }
  if (isGate(phase)) {
    const { loginProblem } = link;
    return <GatePage {...{ room: state.roomTitle ?? room, name, phase, call, devices, loginProblem }} />;
  }
  if (phase.kind === 'over') {
    const rejoin = (): void => {
      joinAtOnce.current = true;
      setCall(undefined);
      devices.reopen();
    };
    return <EndPage room={state.roomTitle ?? room} phase={phase} onRejoin={rejoin} />;
  }
  return (
    <>
      <CallPage {...{ room, call, state, devices }} />
      <AudioOutput stream={state.remoteStream} />
      <Announcer state={state} />
    </>
  );
}

/** Ends the call with the page. */
function useCallLifetime(call: RoomCall | undefined): void {
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
