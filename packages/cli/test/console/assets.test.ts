import t from 'tap'
import { pagePolicy } from '../../src/console/assets.ts'
import { contentPolicy } from '../../src/console/guard/judge-request.ts'

t.test('the policy of a page names the style sheet in it by its hash, and lets in no other', async (t) => {
  // printf 'a{}' | openssl dgst -sha256 -binary | base64
  const hash = "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='"
  const policy = pagePolicy('<title>x</title><style>a{}</style>')
  t.equal(policy, contentPolicy([hash]))
  t.match(policy, `; style-src 'self' ${hash}; `)
  t.notMatch(policy, 'unsafe')
  t.equal(pagePolicy('<title>x</title>'), contentPolicy())
})
