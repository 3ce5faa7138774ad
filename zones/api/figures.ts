import { Counter, Gauge, type Registry } from 'prom-client';

/** A value, or one for each label's value. */
export type Figures = number | Readonly<Record<string, number>>;

interface Description<Source> {
  /** Without `zonebridge_`. */
  readonly name: string;
  readonly help: string;
  /** What the keys of the values are. */
  readonly label?: string;
  /** `counter`: it has only grown since its process started. */
  readonly kind: 'gauge' | 'counter';
  readonly of: (source: Source) => Figures;
}

/** Puts figures that somebody else keeps into a registry. `update` is for each time before it is read. */
export function figures<Source>(
  registry: Registry,
  descriptions: readonly Description<Source>[],
): { readonly update: (source: Source) => void; readonly clear: () => void } {
  const metrics = descriptions.map(({ name, help, label, kind, of }) => {
    const options = {
      name: `zonebridge_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
    };
    const metric = kind === 'gauge' ? new Gauge(options) : new Counter(options);
    return { metric, label, of };
  });
  const clear = (): void => {
    for (const { metric } of metrics) metric.reset();
  };
  const update = (source: Source): void => {
    clear();
    for (const { metric, label, of } of metrics) {
      const values = of(source);
      if (typeof values === 'number') metric.inc(values);
      else for (const [key, value] of Object.entries(values)) metric.inc({ [label ?? 'key']: key }, value);
    }
  };
  return { update, clear };
}
