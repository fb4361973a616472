import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

/** Words by which somebody else's program is told not to check who answers. */
const unchecked =
  /--insecure\b|\bcurl\b[^\n]* -[a-zA-Z]*k\b|insecure-skip-tls-verify|--kubelet-insecure-tls|--no-check-certificate|--no-verify-ssl|NODE_TLS_REJECT_UNAUTHORIZED|StrictHostKeyChecking[= ]no/

/** Lines that may have such a word, and why. */
const excused: Readonly<Record<string, string>> = {
  'docs/how-to/serving-certificates.md':
    'says what metrics-server needs without the page, and that the page takes it away'
}

t.test('O9: no remedy, page or help has somebody turn off a check of TLS', async (t) => {
  const files = globSync(
    [
      '{README,CONTRIBUTING,SECURITY}.md',
      'docs/**/*.md',
      'packages/*/{README.md,src/**/*.{ts,tsx}}',
      'monitoring/*',
      'systemd/*'
    ],
    {
      cwd: root
    }
  )
  t.ok(files.length > 1000, `${files.length} files`)
  const found = files.filter((file) => unchecked.test(readFileSync(join(root, file), 'utf8')))
  t.same(found.sort(), Object.keys(excused))
})
