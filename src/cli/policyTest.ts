import { readFile } from 'node:fs/promises';
import { ZonebridgeError, errorText } from '#kernel/index.ts';
import { caseResult, policyCasesSchema, requestOf, type LocalRules, type PolicyCase } from '#zones/index.ts';
import { configInvalid, readYaml } from '../config/index.ts';
import { loadRules, shownBy } from './policyRules.ts';

/** Prints a line for each case; 1 when one is not as it should be. Throws `config-invalid` with every fault of the file. */
export async function testPolicies(file: string, configFile: string): Promise<0 | 1> {
  const cases = await readCases(file);
  const zones = new Map<string, LocalRules>();
  let failed = 0;
  for (const one of cases) {
    const rules = zones.get(one.zone) ?? (await loadRules(configFile, one.zone));
    zones.set(one.zone, rules);
    const faults = await faultsOf(rules, one);
    if (faults.length > 0) failed += 1;
    process.stdout.write(
      faults.length === 0 ? `ok    ${one.name}\n` : `FAIL  ${one.name}: ${faults.join('; ')}\n`,
    );
  }
  process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function faultsOf(rules: LocalRules, one: PolicyCase): Promise<readonly string[]> {
  const { caller_name: name, ...rest } = one;
  try {
    const request = requestOf(rules, { ...rest, name }, await shownBy(rules, rest));
    return caseResult(rules, one, request).faults;
  } catch (error) {
    return [errorText(error)];
  }
}

async function readCases(file: string): Promise<readonly PolicyCase[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ZonebridgeError('config-invalid', `${file} cannot be read`, { cause });
  });
  const yaml = readYaml(file, text);
  if (yaml.value === undefined || yaml.faults.length > 0) throw configInvalid(yaml.faults);
  const read = policyCasesSchema.safeParse(yaml.value);
  if (read.success) return read.data.cases;
  throw configInvalid(
    read.error.issues.map((issue) => ({
      file,
      ...yaml.locate(issue.path),
      message: `${issue.path.join('.')}: ${issue.message}`,
    })),
  );
}
