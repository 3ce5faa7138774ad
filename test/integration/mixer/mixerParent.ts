// A process that starts a mixer, tells its pid, and waits to be killed.
import { createLog } from '#kernel/index.ts';
import { ChildMixer } from '#media/mixer/index.ts';

const mixer = await ChildMixer.start({ maxTalkers: 3, log: createLog('fatal') });
process.send?.(mixer.pid);
