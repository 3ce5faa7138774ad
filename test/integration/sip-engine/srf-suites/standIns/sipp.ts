import type { Sipp } from '../Sipp.ts';

/** In place of the suites' own runner, which starts sipp in Docker. */
export { ofNetwork as 'module.exports' };

let sipp: Sipp | undefined;

export function setSipp(value: Sipp): void {
  sipp = value;
}

function ofNetwork(): Record<string, unknown> {
  return {
    output: () => sipp?.output,
    sippUac: (scenario: string) => sipp?.call(scenario),
    sippUas: (scenario: string, name: string) => sipp?.answerOne(scenario, name),
  };
}
