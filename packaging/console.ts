import { buildConsole } from '@joinery/console/build'

console.log(`packages/console/dist ${((await buildConsole()) / 1000).toFixed(0)} kB`)
