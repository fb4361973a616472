import { spawnSync } from 'node:child_process'

/** Reason to skip a test that needs `command`, or false. CI must have the command: there the test runs, and fails. */
export const missing = (command: string, version = '--version'): string | false =>
  process.env.CI === 'true' || spawnSync(command, [version]).status === 0 ? false : `there is no ${command} here`
