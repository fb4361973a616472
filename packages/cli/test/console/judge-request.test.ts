import t from 'tap'
import { type Asked, judgeRequest, readCookie, type Verdict } from '../../src/console/guard/judge-request.ts'

const own = 'joinery-0011223344556677.localhost:41234'
const origin = `http://${own}`
const get: Asked = {
  method: 'GET',
  host: own,
  origin: undefined,
  site: 'same-origin',
  contentType: undefined,
  isApi: true
}
const post: Asked = { ...get, method: 'POST', origin, contentType: 'application/json' }
const file: Asked = { ...get, isApi: false }

const rows: readonly [name: string, asked: Asked, verdict: Verdict][] = [
  ['the page asks', get, 'fine'],
  ['the page posts', post, 'fine'],
  ['JSON with its character set', { ...post, contentType: 'application/json; charset=utf-8' }, 'fine'],
  ['a person opens the address', { ...file, site: 'none' }, 'fine'],
  ['a link from elsewhere leads to the page', { ...file, site: 'cross-site' }, 'fine'],
  ['a person types the address of a call', { ...get, site: 'none' }, 'fine'],
  ['an old browser without Sec-Fetch-Site', { ...get, site: undefined }, 'fine'],
  ['an old browser without Sec-Fetch-Site posts', { ...post, site: undefined }, 'fine'],
  ['the head of a file', { ...file, method: 'HEAD' }, 'fine'],
  ['DNS rebinding', { ...get, host: 'evil.example:41234' }, 'wrong-host'],
  ['the address of loopback', { ...get, host: '127.0.0.1:41234' }, 'wrong-host'],
  ['localhost', { ...get, host: 'localhost:41234' }, 'wrong-host'],
  ['another port', { ...get, host: 'joinery-0011223344556677.localhost:41235' }, 'wrong-host'],
  ['our name below another one', { ...get, host: `${own}.evil.example` }, 'wrong-host'],
  ['no Host', { ...get, host: undefined }, 'wrong-host'],
  ['rebinding for a file of the page', { ...file, host: 'evil.example:41234' }, 'wrong-host'],
  ['a page of another origin asks', { ...get, origin: 'http://evil.example' }, 'wrong-origin'],
  ['another origin, as the browser marks it', { ...get, site: 'cross-site' }, 'wrong-origin'],
  ['another port of the same host', { ...get, site: 'same-site' }, 'wrong-origin'],
  ['another origin posts', { ...post, origin: 'http://evil.example' }, 'wrong-origin'],
  ['our name by https', { ...post, origin: `https://${own}` }, 'wrong-origin'],
  ['a sandboxed page posts', { ...post, origin: 'null' }, 'wrong-origin'],
  ['a post without an origin', { ...post, origin: undefined }, 'wrong-origin'],
  ['a post that the browser marks as from elsewhere', { ...post, site: 'cross-site' }, 'wrong-origin'],
  ['a post that no page made', { ...post, site: 'none' }, 'wrong-origin'],
  ['a form posts', { ...post, contentType: 'application/x-www-form-urlencoded' }, 'wrong-type'],
  ['a form posts text', { ...post, contentType: 'text/plain' }, 'wrong-type'],
  ['a type that only begins like JSON', { ...post, contentType: 'application/jsonp' }, 'wrong-type'],
  ['a post without a type', { ...post, contentType: undefined }, 'wrong-type'],
  ['a post to a file', { ...post, isApi: false }, 'wrong-method'],
  ['a preflight of another origin', { ...get, method: 'OPTIONS', origin: 'http://evil.example' }, 'wrong-method'],
  ['a PUT', { ...post, method: 'PUT' }, 'wrong-method'],
  ['no method', { ...get, method: '' }, 'wrong-method']
]
for (const [name, asked, verdict] of rows) {
  t.test(`${name}: ${verdict}`, async (t) => {
    t.equal(judgeRequest(asked, own), verdict)
  })
}

t.test('the cookie is read from among others, and a second one of its name makes it void', async (t) => {
  t.equal(readCookie('joinery=abc'), 'abc')
  t.equal(readCookie('other=1; joinery=abc; joinery2=x'), 'abc')
  t.equal(readCookie('joinery=abc; joinery=def'), undefined)
  t.equal(readCookie('xjoinery=abc'), undefined)
  t.equal(readCookie(undefined), undefined)
})
