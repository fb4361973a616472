import { writeFile } from 'node:fs/promises'
import { argv, stdin, stdout } from 'node:process'
import { tearDown } from './tear-down.ts'

// Started by claim.ts under flock(1): as long as this process lives the bed is taken, and when it goes nothing is left.
// It sits beside the process that opened the bed and outlives it, whatever ends that one, SIGKILL included.
// The bed ends when standard input does, or with SIGTERM once it was told to `leave` the bed up.
const [, , namespace = '', run = '', lock = ''] = argv

await tearDown({ namespace, run }) // what a killed guardian left
await writeFile(lock, `${process.pid}\n`)
stdout.write('ready\n')

await new Promise<void>((resolve) => {
  let left = false
  process.once('SIGTERM', resolve)
  stdin.on('data', () => {
    left = true
  })
  stdin.on('close', () => {
    if (!left) resolve()
  })
  // keeps the process alive once standard input is closed
  setInterval(() => {}, 2 ** 30)
})
await tearDown({ namespace, run })
process.exit()
