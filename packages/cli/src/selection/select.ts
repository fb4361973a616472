import { CommandEnd } from '@joinery/host/command-end'
import { type EnrolmentQuery, isShortId, type List } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { OperatorClient, SeenEnrolment } from '../operator-client.ts'
import { oneOrMany } from '../output/list-options.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'
import { type Asked, fitsSelection, judgeSelected } from './judge-selected.ts'
import type { Selection } from './selection-options.ts'

/** Most items of one selection: nobody reads a longer table. */
export const selectedAtMost = 1000

/** Items in a page of a list that is searched. */
const pageSize = '500'

/** Machines that a verb is for, and those that fit and are left out, each with the reason. */
export interface Machines {
  taken: SeenEnrolment[]
  leftOut: { machine: SeenEnrolment; why: string }[]
}

/** Reads all machines that are selected for a verb, page by page. Throws if there are more than a person can look at. */
export const selectMachines = async (
  client: Pick<OperatorClient, 'list' | 'showCode'>,
  selection: Selection,
  asked: Asked
): Promise<Machines> => {
  const machines: Machines = { taken: [], leftOut: [] }
  await eachSelected(client, selection, (machine, wanted) => {
    const judged = judgeSelected(machine, wanted, asked)
    if (judged === 'taken') machines.taken.push(machine)
    else if (judged !== 'passed') machines.leftOut.push({ machine, why: judged.leftOut })
    requireFew(machines.taken.length + machines.leftOut.length)
  })
  return machines
}

/** Reads all machines that are selected, and are worth it. For a verb that decides nothing about them. */
export const selectRead = async (
  client: Pick<OperatorClient, 'list' | 'showCode'>,
  selection: Selection,
  isWorthIt: (machine: SeenEnrolment) => boolean
): Promise<SeenEnrolment[]> => {
  const machines: SeenEnrolment[] = []
  await eachSelected(client, selection, (machine, wanted) => {
    if (fitsSelection(machine, wanted) && isWorthIt(machine)) machines.push(machine)
    requireFew(machines.length)
  })
  return machines
}

/** Reads what the door can select by, page by page. `take` also gets the selection, with the whole id of its code. */
const eachSelected = async (
  client: Pick<OperatorClient, 'list' | 'showCode'>,
  selection: Selection,
  take: (machine: SeenEnrolment, wanted: Selection) => void
): Promise<void> => {
  const { state, role } = selection
  const code = selection.code === undefined ? undefined : await wholeCode(client, selection.code)
  const wanted = { ...selection, ...given({ code }) }
  const query = given({ state: oneOrMany(state), role, code }) as EnrolmentQuery
  await eachPage(
    (page) => client.list({ ...query, ...page }),
    (machine) => take(machine, wanted)
  )
}

/** Reads a list page by page. */
export const eachPage = async <T>(
  list: (page: { limit: string; continue?: string }) => Promise<List<T>>,
  take: (item: T) => void
): Promise<void> => {
  for (let from: string | undefined; ; ) {
    const { items, metadata } = await list({ limit: pageSize, ...given({ continue: from }) })
    for (const item of items) take(item)
    from = metadata?.continue
    if (from === undefined) return
  }
}

/** Throws if a selection has become longer than anybody reads. */
export const requireFew = (count: number): void => {
  if (count <= selectedAtMost) return
  throw new CommandEnd(
    exitCodes.usage,
    `more than ${selectedAtMost} fit: nobody reads so long a table, and nothing is changed`,
    'select fewer: by --code, --role, --state or -l'
  )
}

/** The whole id of a code, of which the end may do. What no door knows is taken as it is: a machine may have an id that is gone. */
export const wholeCode = async ({ showCode }: Pick<OperatorClient, 'showCode'>, id: string): Promise<string> => {
  if (!isShortId(id)) return id
  try {
    return (await showCode(id)).id
  } catch (error) {
    if (error instanceof ProblemAnswer && error.code === 'not-found') return id
    throw error
  }
}
