import { PolicyStage } from '#test/integration/zones/policy/PolicyStage.ts';
import { asking } from '#test/unit/zones/policy/asking.ts';
import { defaultPolicy } from '#zones/policy/defaultPolicy.ts';
import { quantile } from './quantile.ts';
import { row } from './table.ts';

const decisions = 3000;

/** How long one decision takes, as the zone makes it: grounds, Cedar, and what follows from them, without a policy server. */
export async function benchPolicy(print: (line: string) => void): Promise<void> {
  print('one decision of a zone without a policy server, ms (bar: p99 under 5)');
  print(row('policies', 'p50', 'p99', 'most'));
  for (const more of [0, 20, 200]) {
    const text = [defaultPolicy('meetme'), ...Array.from({ length: more }, (_, index) => rule(index))];
    await using stage = await PolicyStage.open({ text: text.join('\n') });
    // What comes first compiles what the others run.
    await decide(stage, 200);
    const tookMs = await decide(stage, decisions);
    const figures = [quantile(tookMs, 0.5), quantile(tookMs, 0.99), Math.max(...tookMs)];
    print(row(text.join('\n').match(/@id/g)?.length ?? 0, ...figures.map((ms) => ms.toFixed(2))));
  }
}

async function decide({ engine }: PolicyStage, count: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const request = asking({ source: { address: `198.51.100.${done % 250}` } });
    const startedMs = performance.now();
    await engine.decide(request);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}

/** As an organisation writes them: some networks, at some hours. */
function rule(index: number): string {
  return `@id("site-${index}") permit (principal, action == Action::"join", resource) when {
    context.source.isInRange(ip("10.${index}.0.0/16")) && context.local.hour >= 7 && context.local.hour < 20 &&
    context.assurance.contains("system") };`;
}
