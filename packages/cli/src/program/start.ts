import { homedir, networkInterfaces, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { guardOutput, unwritten } from '@joinery/host/text/guard-output'
import { wantsColour } from '@joinery/host/text/wants-colour'
import { given } from '@joinery/protocol/given'
import { serverConfiguration } from '../session/which-door.ts'
import { askOn } from '../terminal/ask-on.ts'
import { browserOf } from '../terminal/browse.ts'
import { exitCodes } from '../terminal/errors.ts'
import { exec } from '../terminal/exec.ts'
import { pageOn } from '../terminal/page.ts'
import { decidePager } from '../terminal/pager.ts'
import { whoTypes } from '../terminal/who-types.ts'
import { run } from './run.ts'

const { stdin, stdout, stderr } = process

/** True while a secret is printed: its maker reports how that ends. */
let delivers = false
guardOutput({ stdout, stderr, exit: (code) => process.exit(code) }, () => delivers)

const deliver = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    delivers = true
    stdout.write(text, (error) => {
      if (error) return reject(new CommandEnd(exitCodes.failure, unwritten(error)))
      delivers = false
      resolve()
    })
  })

/** Ctrl-C still ends the command as it does without this, after a last word. */
const onInterrupt = (told: () => void): (() => void) => {
  const end = (): void => {
    told()
    process.kill(process.pid, 'SIGINT')
  }
  process.once('SIGINT', end)
  return () => process.off('SIGINT', end)
}

const operator = whoTypes(process.env, userInfo)
const home = process.env.HOME || homedir()

const out = (text: string): void => void stdout.write(text)
const err = (text: string): void => void stderr.write(text)
const pager = stdout.isTTY ? decidePager(process.env) : undefined
// a terminal may not know its size
const size = () => ({ rows: stdout.rows || Infinity, columns: stdout.columns || Infinity })

process.exitCode = await run(process.argv.slice(2), {
  out,
  deliver,
  err,
  ...(pager !== undefined && { page: pageOn(pager, size, { out, err }) }),
  now: () => new Date(),
  pause: (milliseconds, signal) => setTimeout(milliseconds, undefined, given({ signal })).catch(() => undefined),
  exec,
  // a question needs somebody who sees the question and can answer
  ...(stdin.isTTY && stderr.isTTY && { ask: askOn(stdin, stderr) }),
  ...given({ operator, browse: stdout.isTTY ? browserOf(process.env, process.getuid?.() === 0) : undefined }),
  ...(process.env.KUBECONFIG && { kubeconfig: process.env.KUBECONFIG }),
  ...(process.env.JOINERY_SOCKET && { socket: process.env.JOINERY_SOCKET }),
  ...(process.env.JOINERY_PIN && { pin: process.env.JOINERY_PIN }),
  project: '.joinery.yaml',
  root: process.getuid?.() === 0,
  home,
  state: join(process.env.XDG_STATE_HOME || join(home, '.local', 'state'), 'joinery'),
  onInterrupt,
  program: { entry: process.argv[1] ?? '', runtime: process.execPath, processor: process.arch },
  configuration: serverConfiguration,
  pki: '/etc/kubernetes/pki',
  // the URL at which kubeadm lets etcd listen
  etcd: ['https://127.0.0.1:2379', 'https://[::1]:2379'],
  addresses: () => Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
  colour: wantsColour(process.env, stdout.isTTY),
  // a pipe has no columns: lines for it are not broken
  ...(stdout.columns && { columns: stdout.columns }),
  ...(stderr.columns && { errColumns: stderr.columns })
})
