import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { History } from '../../faults/history.ts'
import { judge } from '../../faults/judge.ts'
import type { Bed } from '../bed/bed.ts'
import type { CrewOrder, CrewSaw } from '../inside/crew.ts'
import type { TokenWatch } from '../token-watch.ts'
import type { Servers } from './three-servers.ts'

const program = resolve(import.meta.dirname, '../inside/crew.ts')

/** Sends a crew of protocol machines through three servers, and gives what it saw when all of them are done. */
export const runCrew = async (
  bed: Bed,
  { all }: Servers,
  order: Pick<CrewOrder, 'seed' | 'machines' | 'lanes' | 'seconds'>
): Promise<CrewSaw> => {
  const servers = all.map(({ port, socket }) => ({ port, socket }))
  const input = JSON.stringify({ ...order, servers, state: all[0]?.state ?? '' } satisfies CrewOrder)
  const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input })
  if (code !== 0) throw new Error(`the crew: ${stderr}`)
  return JSON.parse(stdout) as CrewSaw
}

/** What the model says against it: a sentence for each rule of the design that was broken. */
export const judgeCrew = async (bed: Bed, servers: Servers, saw: CrewSaw, tokens: TokenWatch): Promise<string[]> => {
  const history: History = {
    ...saw,
    clusterCalls: [],
    certificates: await certificatesByToken(bed),
    quiet: [],
    nodes: await nodesOf(bed),
    written: await writtenBy(bed, servers),
    ends: []
  }
  const owners = new Set(saw.enrolments.flatMap(({ attempts }) => attempts.map(({ tokenId }) => tokenId)))
  const strangers = (await tokens.made()).filter(({ id }) => !owners.has(id))
  return [
    ...judge(history).map(({ rule, what }) => `${rule}: ${what}`),
    ...oneTokenAnAttempt(saw),
    ...strangers.map(({ id }) => `token ${id} belongs to no attempt`)
  ]
}

/** The same attempt gets the same token, whichever server is asked. */
const oneTokenAnAttempt = ({ exchanges }: CrewSaw): string[] => {
  const given = exchanges.flatMap(({ call, key, status, text = '' }) => {
    if (call !== 'claim' || status !== 200) return []
    const { attempt, token } = JSON.parse(text) as { attempt: number; token?: string }
    return token === undefined ? [] : [{ whose: `${key} in attempt ${attempt}`, id: token.slice(0, 6) }]
  })
  return [...Map.groupBy(given, ({ whose }) => whose)].flatMap(([whose, tokens]) => {
    const ids = new Set(tokens.map(({ id }) => id))
    return ids.size === 1 ? [] : [`${whose} was given the tokens ${[...ids].join(', ')}`]
  })
}

const certificatesByToken = async (bed: Bed): Promise<History['certificates']> => {
  const { items } = JSON.parse(await bed.kubectl('get', 'csr', '-o', 'json')) as {
    items: { metadata: { name: string }; spec: { username: string }; status: { certificate?: string } }[]
  }
  return items.flatMap(({ metadata, spec, status }) =>
    status.certificate === undefined || !spec.username.startsWith('system:bootstrap:')
      ? []
      : [{ csr: metadata.name, tokenId: spec.username.replace('system:bootstrap:', '') }]
  )
}

const nodesOf = async (bed: Bed): Promise<History['nodes']> => {
  const { items } = JSON.parse(await bed.kubectl('get', 'nodes', '-o', 'json')) as {
    items: { metadata: { name: string }; status: { nodeInfo?: { machineID: string } } }[]
  }
  // the judge asks for the name and the machine id alone
  return items.map(
    ({ metadata, status }) =>
      ({ name: metadata.name, machineId: status.nodeInfo?.machineID ?? '' }) as History['nodes'][number]
  )
}

/** Logs and stores of all servers. */
const writtenBy = async (bed: Bed, { all }: Servers): Promise<string[]> => {
  const files = await Promise.all(
    all.map(async ({ name, state }) => {
      const folder = bed.hostPath(state)
      const stores = (await readdir(folder)).filter((file) => file.startsWith('joinery'))
      return [join(bed.logs, `${name}.log`), ...stores.map((file) => join(folder, file))]
    })
  )
  return Promise.all(files.flat().map((file) => readFile(file, 'latin1')))
}
