import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { madeOnce } from '@joinery/testing/processes/made-once'

const requirements = join(import.meta.dirname, 'requirements.txt')
const config = join(import.meta.dirname, 'schemathesis.toml')
const versions = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16)
const folder = join(import.meta.dirname, '../../../.tap/schemathesis', versions)

/** Installs schemathesis into a folder of its own, by pip, unless it is there. Throws what pip says. */
export const installSchemathesis = (): void =>
  madeOnce(folder, (aside) => {
    const words = ['-m', 'pip', 'install', '--quiet', '--target', aside, '--requirement', requirements]
    execFileSync('python3', words, { stdio: 'pipe', timeout: 180_000 })
  })

/** Whether schemathesis is here, or can be installed. */
export const hasSchemathesis = (): boolean => {
  try {
    installSchemathesis()
    return true
  } catch {
    return false
  }
}

/** What schemathesis holds each answer to. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method'
]

/**
 * Has schemathesis call an API by its document, with the same requests each time. It keeps notes in the folder
 * `place`. Gives all that it prints, and whether it found nothing.
 */
export const judgeApi = async (
  document: string,
  url: string,
  each: number,
  place: string
): Promise<{ ok: boolean; said: string }> => {
  const run = ['-m', 'schemathesis.cli', '--config-file', config, 'run', document, '--url', url]
  const options = `--checks ${checks} --phases examples,coverage,fuzzing --max-examples ${each} --seed 1 --generation-deterministic
    --suppress-health-check all --no-color --continue-on-failure`
  const words = [...run, ...options.split(/\s+/)]
  const env = { ...process.env, PYTHONPATH: folder }
  return promisify(execFile)('python3', words, { env, cwd: place, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    (error: { stdout: string; stderr: string }) => ({ ok: false, said: `${error.stdout}${error.stderr}` })
  )
}
