import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { describeProblems, parseConfig } from '@joinery/host/config-file'
import { roles } from '@joinery/protocol'
import type { Engine } from '../cel/engine.ts'
import type { Inventories } from '../cel/library.ts'
import { limits } from '../words/limits.ts'
import { proofsOfCode } from '../words/variables.ts'
import { type Place, Places } from './place-in-file.ts'
import type { Policy, Rule } from './policy.ts'
import { type InventoryDocument, isInventoryName, PolicyDocument, type RuleDocument } from './policy-document.ts'
import { NoFile, type ReadText } from './read-text.ts'

/**
 * A policy, or every reason why the file is none, a line each. `files`: all files that it was made of, or would be. `isGone`: true if
 * there is no file of the policy at all.
 */
export type Loaded = { readonly files: readonly string[] } & ({ readonly policy: Policy } | Problems)

/** Content of the files of a policy, before the rules are compiled. `hash` as in `Policy`. */
export interface Source {
  readonly document: PolicyDocument
  readonly places: Places
  readonly inventories: Inventories
  readonly hash: string
}

/** Files that were read, or every reason why they are no policy. */
export type Read = { readonly files: readonly string[] } & ({ readonly source: Source } | Problems)

interface Problems {
  readonly problems: readonly string[]
  readonly isGone?: boolean
}

/** Reads a policy with its inventories, and compiles its rules in `engine`. */
export const loadPolicy = async (file: string, engine: Engine, read: ReadText): Promise<Loaded> => {
  const found = await readPolicy(file, read)
  return 'source' in found ? { files: found.files, ...(await compilePolicy(file, found.source, engine)) } : found
}

/** Reads a policy with its inventories. */
export const readPolicy = async (file: string, read: ReadText): Promise<Read> => {
  const text = await read(file, limits.file).catch((error: Error) => error)
  if (text instanceof Error) {
    return { files: [file], problems: [`${file}: ${text.message}`], isGone: text instanceof NoFile }
  }
  const parsed = parseConfig(PolicyDocument, text)
  if ('problems' in parsed) return { files: [file], problems: describeProblems(file, parsed.problems) }
  const document = parsed.value
  const places = new Places(text)
  const inventories = await readInventories(file, document, places, read)
  const files = [file, ...inventories.files]
  const problems = [...inventories.problems, ...repeatedNames(document.rules, file, places)]
  if (problems.length > 0) return { files, problems }
  const hash = createHash('sha256')
  for (const one of [text, ...inventories.texts]) hash.update(one)
  return {
    files,
    source: { document, places, inventories: inventories.values, hash: `sha256:${hash.digest('hex')}` }
  }
}

/** Compiles the rules of a policy in `engine`, and checks what they ask for together. */
export const compilePolicy = async (
  file: string,
  { document, places, inventories, hash }: Source,
  engine: Engine
): Promise<{ policy: Policy } | Problems> => {
  const compiled = await engine.compile(
    document.rules.map(({ when }) => when),
    inventories
  )
  const problems: string[] = []
  const rules: Rule[] = []
  for (const [index, rule] of document.rules.entries()) {
    const found = compiled[index]
    const path = ['rules', index, 'when']
    if (found === undefined || 'fault' in found) {
      const { fault = 'was not compiled', line = 1, column = 1 } = found ?? {}
      problems.push(problem(file, places.within(path, rule.when, { line, column }), rule, fault))
      continue
    }
    const approves = rule.verdict === 'approve'
    const made = {
      ...rule,
      roles: rule.roles ?? (approves ? (['worker'] as const) : roles),
      uses: found.uses,
      claimsOnly: approves && !found.leansOnProof,
      needsProof: approves && found.uses.some((name) => proofsOfCode.includes(name))
    }
    rules.push(made)
    for (const fault of faultsOf(made)) problems.push(problem(file, places.of('rules', index, 'name'), rule, fault))
  }
  return problems.length > 0 ? { problems } : { policy: { mode: document.mode, hash, rules } }
}

const problem = (file: string, { line, column }: Place, { name }: RuleDocument, fault: string): string =>
  `${file}:${line}:${column}: rule ${name}: ${fault}`

const byClaims =
  'by what a machine claims, which any machine can claim, and compares nothing that the server saw or gave with a text'

/** Faults of fields that do not go together. */
const faultsOf = ({ verdict, claimsOnly, roles: counted, quota, reason }: Rule): string[] => [
  ...(claimsOnly && counted.includes('control-plane')
    ? [`approves control planes ${byClaims}: leave control-plane out of its roles`]
    : []),
  ...(claimsOnly && quota === undefined ? [`approves ${byClaims}: it needs a quota`] : []),
  ...(verdict !== 'approve' && quota !== undefined ? ['only an approval has a quota'] : []),
  ...(verdict !== 'reject' && reason !== undefined ? ['only a rejection has a reason'] : [])
]

const repeatedNames = (rules: readonly RuleDocument[], file: string, places: Places): string[] =>
  rules.flatMap((rule, index) =>
    rules.slice(0, index).some(({ name }) => name === rule.name)
      ? [problem(file, places.of('rules', index, 'name'), rule, 'an earlier rule has the same name')]
      : []
  )

interface InventoriesRead {
  values: Record<string, readonly string[]>
  files: string[]
  texts: string[]
  problems: string[]
}

const readInventories = async (
  file: string,
  { inventories = {} }: PolicyDocument,
  places: Places,
  read: ReadText
): Promise<InventoriesRead> => {
  const found: InventoriesRead = { values: Object.create(null), files: [], texts: [], problems: [] }
  for (const [name, inventory] of Object.entries(inventories)) {
    const fault = await readInventory(name, inventory, file, read, found)
    if (fault === undefined) continue
    const { line } = places.of('inventories', name)
    found.problems.push(`${file}:${line}: inventory ${name.slice(0, 64)}: ${fault}`)
  }
  return found
}

/** Adds one inventory to what was found, or gives the reason why it is none. */
const readInventory = async (
  name: string,
  { values, file: path }: InventoryDocument,
  policy: string,
  read: ReadText,
  found: InventoriesRead
): Promise<string | undefined> => {
  if (!isInventoryName(name)) return 'its name must be lower-case letters, digits and dashes'
  if ((values === undefined) === (path === undefined)) return 'has either values or a file'
  if (path === undefined) {
    found.values[name] = values ?? []
    return undefined
  }
  const whole = resolve(dirname(policy), path)
  found.files.push(whole)
  const text = await read(whole, limits.inventoryFile).catch((error: Error) => error)
  if (text instanceof Error) return `${whole}: ${text.message}`
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length > limits.values) return `${whole} has more than ${limits.values} values`
  if (lines.some((line) => line.length > limits.value))
    return `${whole} has a value of more than ${limits.value} characters`
  found.texts.push(text)
  found.values[name] = lines
  return undefined
}
