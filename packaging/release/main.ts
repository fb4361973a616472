import { parseArgs } from 'node:util'
import { failureText } from '@joinery/host/text/failure'
import { finishRelease } from './finish-release.ts'
import { makeRelease } from './make-release.ts'
import { tagOf } from './version.ts'

/**
 * `pnpm release VERSION [--repository FOLDER]` makes the files of a release, with the apt repository that is published in the folder, and ends with what is to be signed, and how, on a machine that has the keys.
 * `pnpm release VERSION --finish FOLDER` takes the signatures in the folder, verifies them, and ends with what is to be pushed.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { finish: { type: 'string' }, repository: { type: 'string' } }
})
const [version = ''] = positionals

if (values.finish === undefined) {
  const made = makeRelease(version, new Date(), values.repository)
  if ('refusal' in made) {
    console.error(`not released: ${made.refusal}`)
    process.exit(1)
  }
  console.log(`
${version} is built in dist/, and not released before it is signed. Carry dist/to-sign to the machine that has the keys, and sign there:

${made.commands}

Carry the folder back, and finish:

pnpm release '${version}' --finish dist/to-sign`)
} else {
  const faults = await finishRelease(version, values.finish)
  if (faults.length > 0) {
    const texts = faults.map(({ code, cause, remedy }) => failureText({ cause: `${cause} (${code})`, remedy }))
    process.stderr.write(`not finished, and nothing changed:\n${texts.join('')}`)
    process.exit(1)
  }
  console.log(`
${version} is signed: dist/ has its files and their signatures. Publish them, then

git push --atomic origin HEAD ${tagOf(version)}`)
}
