#!/usr/bin/env node
import { setTimeout } from 'node:timers/promises'
import { run } from './run.ts'
import { wantsColour } from './wants-colour.ts'

// `joinery list | head` closes the pipe early: nobody is left to tell
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  now: () => new Date(),
  pause: (milliseconds) => setTimeout(milliseconds),
  colour: wantsColour(process.env, process.stdout.isTTY)
})
