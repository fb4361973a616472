import { networkInterfaces, userInfo } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { wantsColour } from '@joinery/protocol/text/wants-colour.ts'
import { askOn } from './ask-on.ts'
import { exec } from './exec.ts'
import { run } from './run.ts'
import { whoTypes } from './who-types.ts'

const { stdin, stdout, stderr } = process

const mustBeClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error
}
// `joinery list | head` closes the pipe early: nobody is left to tell
stdout.on('error', (error) => {
  mustBeClosedPipe(error)
  process.exit()
})
// the data may still be wanted
stderr.on('error', mustBeClosedPipe)

const operator = whoTypes(process.env, userInfo)

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
  now: () => new Date(),
  pause: (milliseconds) => setTimeout(milliseconds),
  exec,
  // a question needs somebody who sees it and can answer
  ...(stdin.isTTY && stderr.isTTY && { ask: askOn(stdin, stderr) }),
  ...(operator !== undefined && { operator }),
  ...(process.env.KUBECONFIG && { kubeconfig: process.env.KUBECONFIG }),
  pki: '/etc/kubernetes/pki',
  // the one that kubeadm lets it listen on
  etcd: ['https://127.0.0.1:2379', 'https://[::1]:2379'],
  addresses: () => Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
  colour: wantsColour(process.env, stdout.isTTY),
  // of a pipe there are none: what it carries is not broken
  ...(stdout.columns && { columns: stdout.columns }),
  ...(stderr.columns && { errColumns: stderr.columns })
})
