import { differences, newVersions } from './judge.ts'
import { pins } from './pins.ts'
import { sourcesOf, versionsInProxy } from './sources.ts'

/**
 * `node test/versions/main.ts`: reads the sources of each pinned Kubernetes, and says what Joinery takes them for and they are not; and
 * which versions Go's module proxy has that are not pinned yet. Ends with 1 if there is anything to say.
 */
const [all, listed] = await Promise.all([Promise.all(pins.map(sourcesOf)), versionsInProxy()])
const found = [...newVersions(listed, pins), ...differences(all)]
for (const line of found) console.log(line)
if (found.length === 0)
  console.log(`nothing differs in ${pins.map(({ version }) => version).join(', ')}, and there is no newer one`)
process.exitCode = found.length === 0 ? 0 : 1
