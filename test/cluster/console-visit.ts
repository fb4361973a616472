import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Bed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import type { Order, Seen } from './inside/console-visit.ts'
import { joineryProgram } from './product.ts'

const program = resolve(import.meta.dirname, 'inside/console-visit.ts')

/**
 * Runs `joinery console` with this kubeconfig and visits it with a browser. Both run in the bed, since a console listens on loopback.
 * `called` begins the names of the console's log and of the pictures, which lie in the logs of the bed.
 */
export const visitConsole = async (
  bed: Bed,
  kubeconfig: string,
  called: string,
  order: Pick<Order, 'machine' | 'approves'>
): Promise<Seen> => {
  const name = `console-${called}`
  const argv = [...joineryProgram, '--kubeconfig', kubeconfig, 'console', '--no-open']
  const console = await bed.spawn(name, argv)
  try {
    const log = () => readFile(join(bed.logs, `${name}.log`), 'utf8')
    const printed = await waitFor('the link of the console', log, (text) => link.test(text), 30_000)
    const [address = ''] = link.exec(printed) ?? []
    const input = JSON.stringify({ ...order, link: address, pictures: join(bed.logs, name) } satisfies Order)
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input, timeout: 120_000 })
    if (code !== 0) throw new Error(`the visit of ${called}: exit status ${code}\n${stderr}`)
    return JSON.parse(stdout)
  } finally {
    console.kill('SIGINT')
    await console.exited
  }
}

const link = /^http:\/\/joinery-\w+\.localhost:\d+\/enter\/\S+$/m
