import { runUnitTests } from './unit-tests.ts'

await runUnitTests('server')
