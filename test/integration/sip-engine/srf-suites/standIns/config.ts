import type { ControlAddress } from '#signaling/sip/stack/index.ts';

/** drachtio-srf's suites ask the `config` package where the servers are. */
export { config as 'module.exports' };

let controls: Readonly<Record<string, ControlAddress>> = {};

export function setControls(value: Readonly<Record<string, ControlAddress>>): void {
  controls = value;
}

const config = {
  get: (name: string): ControlAddress | undefined => controls[name],
};
