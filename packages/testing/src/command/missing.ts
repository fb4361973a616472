import { spawnSync } from 'node:child_process'

/** Why a test that needs `command` is to be skipped. CI has to have it: there the test runs, and fails. */
export const missing = (command: string): string | false =>
  process.env.CI === 'true' || spawnSync(command, ['--version']).status === 0 ? false : `there is no ${command} here`
