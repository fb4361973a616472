import t from 'tap'
import { help, parseOptions } from '../../demo/options.ts'

t.test('the help begins with examples', async (t) => {
  t.match(help, /^Examples:\n {2}npx -y pnpm@\S+ demo /)
  t.equal(parseOptions(['-h']), 'help')
  t.equal(parseOptions(['--once', '--help']), 'help')
})

t.test('the demo refuses an unknown option', async (t) => {
  t.same(parseOptions([]), { once: false })
  t.same(parseOptions(['--once']), { once: true })
  t.throws(() => parseOptions(['--twice']), { code: /^ERR_PARSE_ARGS/, message: /'--twice'/ })
  t.throws(() => parseOptions(['once']), { code: /^ERR_PARSE_ARGS/ })
})
