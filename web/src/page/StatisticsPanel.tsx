import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { MediaStatistics, RoomCall, SentLayer, Statistics } from '../protocol/index.ts';
import { bitrateWords, frameRateWords, sizeWords, statisticsRows } from './statisticsWords.ts';

const intervalMs = 1_000;

const sections = [
  ['picture', 'Picture'],
  ['alternate', 'Picture without you'],
  ['screen', 'Shared screen'],
  ['camera', 'Your camera'],
  ['sharedScreen', 'Your screen'],
  ['sound', 'Sound'],
  ['microphone', 'Your microphone'],
] as const satisfies readonly (readonly [keyof Statistics, string])[];

/** How the media does, second by second. */
export function StatisticsPanel({ call }: { readonly call: RoomCall }): JSX.Element {
  const statistics = useStatistics(call);
  if (statistics === undefined) return <p class="quiet-words">Not connected</p>;
  const { roundTripMs } = statistics;
  return (
    <div class="statistics">
      {roundTripMs !== undefined && <Facts rows={[['Round trip', `${Math.round(roundTripMs)} ms`]]} />}
      {sections.map(([key, title]) => {
        const media = statistics[key];
        return media !== undefined && isAlive(media) && <Section key={key} title={title} media={media} />;
      })}
    </div>
  );
}

function useStatistics(call: RoomCall): Statistics | undefined {
  const [statistics, setStatistics] = useState<Statistics>();
  useEffect(() => {
    let here = true;
    const read = async (): Promise<void> => {
      const next = await call.statistics();
      if (here) setStatistics(next);
    };
    void read();
    const timer = setInterval(() => void read(), intervalMs);
    return () => {
      here = false;
      clearInterval(timer);
    };
  }, [call]);
  return statistics;
}

/** Sections that carry nothing now are left out. */
function isAlive({ bitrate, layers }: MediaStatistics): boolean {
  return bitrate > 0 || layers.some((layer) => layer.bitrate > 0);
}

interface SectionProps {
  readonly title: string;
  readonly media: MediaStatistics;
}

function Section({ title, media }: SectionProps): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <Facts rows={statisticsRows(media)} />
      {media.layers.length > 1 && <Layers layers={media.layers} />}
    </section>
  );
}

function Facts({ rows }: { readonly rows: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <dl>
      {rows.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Sizes of one's own camera that are sent; one that nobody needs is at rest. */
function Layers({ layers }: { readonly layers: readonly SentLayer[] }): JSX.Element {
  return (
    <table>
      <caption>Sizes sent</caption>
      <tbody>
        {layers.map((layer) => (
          <tr key={layer.rid}>
            <th scope="row">{sizeWords(layer) ?? layer.rid}</th>
            <td>{layer.bitrate > 0 ? frameRateWords(layer.frameRate) : ''}</td>
            <td>{layer.bitrate > 0 ? bitrateWords(layer.bitrate) : 'at rest'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
