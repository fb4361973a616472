import { execFile } from 'node:child_process'
import type { Terminal } from './terminal.ts'

export const exec: Terminal['exec'] = ([program = '', ...args], input) =>
  new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else if (error.code === 'ENOENT') reject(error)
      else reject(new Error(`${program} failed: ${stderr.trim()}`))
    })
    child.stdin?.end(input)
  })
