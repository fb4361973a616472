import { toJson } from '@joinery/protocol/text/json.ts'
import type { Session } from '../session.ts'
import { toYaml } from './yaml.ts'

/** Prints `answer` where a program is to read it, and says whether it did. `names` gives what `-o name` prints. */
export const printDocument = (
  { terminal, format }: Session,
  answer: unknown,
  names: () => readonly string[] = () => []
): boolean => {
  if (format === 'json') terminal.out(toJson(answer))
  else if (format === 'yaml') terminal.out(toYaml(answer))
  else if (format === 'name') terminal.out(lines(names()))
  else return false
  return true
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
