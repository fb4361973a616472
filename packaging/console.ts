import { buildConsole } from '../packages/console/build.ts'

console.log(`packages/console/dist ${((await buildConsole()) / 1000).toFixed(0)} kB`)
