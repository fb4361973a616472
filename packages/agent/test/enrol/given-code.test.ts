import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { makeCode } from '@joinery/protocol'
import t from 'tap'
import { checkWanted } from '../../src/enrol/enrol-here.ts'
import { type CodeInput, givenCode, readHiddenLine, readLine } from '../../src/enrol/given-code.ts'

const code = makeCode(randomBytes)
const input = (text: string): CodeInput => ({
  stdin: Readable.from([Buffer.from(text)]) as unknown as NodeJS.ReadStream,
  stderr: new PassThrough() as unknown as NodeJS.WriteStream
})

t.test('a code is read from a file or from standard input, however a person typed it', async (t) => {
  const file = join(t.testdir({}), 'code')
  await writeFile(file, `${code}\nmore\n`)
  t.equal(await givenCode(file, input('')), code)
  for (const typed of [code, `${code}\n`, `${code}\r\nmore`, ` ${code.toLowerCase()} \n`]) {
    t.equal(await givenCode('-', input(typed)), code, JSON.stringify(typed))
  }
})

t.test('a text that is no code is a usage error that does not show the text', async (t) => {
  const mistyped = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`
  const table: [string, RegExp][] = [
    [mistyped, /mistyped: every group/],
    ['', /mistyped: a code has 28 characters/],
    ['x'.repeat(5000), /no code was given/],
    ['\x1b[2J\n', /mistyped: group 1/]
  ]
  for (const [typed, message] of table) {
    const error = await givenCode('-', input(typed)).catch((error) => error)
    t.match(error, { exitCode: 2, message }, JSON.stringify(typed))
    t.notMatch(error.message, mistyped.slice(10), JSON.stringify(typed))
    t.match(error.message, /^[\x20-\x7e]*$/, JSON.stringify(typed))
  }
})

t.test('a file that is not there is a usage error', async (t) => {
  await t.rejects(givenCode('/nowhere/code', input('')), { exitCode: 2, message: /ENOENT$/ })
})

t.test('the error about a code in place of its file does not repeat the code', async (t) => {
  await t.rejects(givenCode(code, input('')), {
    exitCode: 2,
    message: /^--code-file got the code itself/,
    remedy: /revoke/
  })
  await t.rejects(givenCode(code.slice(0, -2), input('')), { exitCode: 2, message: /cannot be read: ENOENT$/ })
})

t.test('a line may come in pieces, and without an end', async (t) => {
  t.equal(await readLine(Readable.from(['a', 'b\nc'])), 'ab')
  t.equal(await readLine(Readable.from(['ab'])), 'ab')
  t.equal(await readLine(Readable.from([])), '')
})

t.test('a code that is typed is not shown, backspace works, and Ctrl-C and Ctrl-D give nothing', async (t) => {
  const type = async (keys: string) => {
    const keyboard = new PassThrough()
    const screen = new PassThrough()
    const line = readHiddenLine(keyboard, screen, 'Code: ')
    keyboard.write(keys)
    const typed = await line
    screen.end()
    return { typed, shown: await text(screen) }
  }
  t.same(await type('secrex\x7ft\r'), { typed: 'secret', shown: 'Code: \n' })
  t.same(await type('secret\x03'), { typed: undefined, shown: 'Code: \n' })
  t.same(await type('\x04'), { typed: undefined, shown: 'Code: \n' })
})

t.test('the schema of the configuration checks the options of the command line', async (t) => {
  const good = { server: 'https://192.0.2.1:7443', pin: `sha256:${'a'.repeat(64)}` }
  t.same(checkWanted(good), good)
  t.same(checkWanted({ ...good, name: 'worker-1', apiEndpoint: 'api:6443' }), {
    ...good,
    name: 'worker-1',
    apiEndpoint: 'api:6443'
  })
  t.throws(() => checkWanted({ server: 'http://x', pin: 'sha256:A', name: 'A_b', apiEndpoint: 'api' }), {
    exitCode: 2,
    message: /--server .*; --pin .*; --api-endpoint .*; --name /
  })
})

t.test('a server that is given again and again has to be one each time', async (t) => {
  const pin = `sha256:${'a'.repeat(64)}`
  const server = 'https://192.0.2.1:7443'
  t.same(checkWanted({ server, servers: [server], pin }), { server, servers: [server], pin })
  const message = /^--server has to be https:\/\/host:port, 17 times at most$/
  t.throws(() => checkWanted({ server, servers: [server, 'https://192.0.2.2:7443/v1'], pin }), { exitCode: 2, message })
  t.throws(() => checkWanted({ server, servers: Array(17).fill(server), pin }), { exitCode: 2, message })
})
