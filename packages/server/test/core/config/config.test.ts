import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lifetimes } from '@joinery/protocol'
import t from 'tap'
import { loadConfig } from '../../../src/core/config/config.ts'
import { lifetimesOf } from '../../../src/core/config/lifetimes.ts'

const load = async (folder: string, listen: string) => {
  const file = join(folder, 'server.yaml')
  await writeFile(file, `agents: {address: "https://192.0.2.1:7443", listen: "${listen}"}\n`)
  return loadConfig(file)
}

t.test('the agents listen on a port, of all addresses or of one', async (t) => {
  const folder = t.testdir({})
  for (const listen of [':7443', '0.0.0.0:7443', '[::]:7443', '[2001:db8::1]:443']) {
    t.equal((await load(folder, listen)).agents.listen, listen, listen)
  }
  for (const listen of ['7443', '192.0.2.1', '192.0.2.1:', ':https', 'https://192.0.2.1:7443', ':99999', 'a b:7443']) {
    await t.rejects(
      load(folder, listen),
      { message: /server.yaml:1: agents.listen: must be ADDRESS:PORT or :PORT, with a port up to 65535$/ },
      listen
    )
  }
})

t.test('machines are sent to a host that a certificate can name, and to no path', async (t) => {
  const file = join(t.testdir({}), 'server.yaml')
  const loadAddress = async (address: string) => {
    await writeFile(file, `agents: {address: ${JSON.stringify(address)}}\n`)
    return (await loadConfig(file)).agents.address
  }
  for (const good of [
    'https://192.0.2.1:7443',
    'https://192.0.2.1',
    'https://[2001:db8::1]:7443',
    'https://Join.example.org:443'
  ]) {
    t.equal(await loadAddress(good), good, good)
  }
  for (const bad of [
    'http://192.0.2.1:7443',
    'https://host name:7443',
    'https://192.0.2.1:99999',
    'https://192.0.2.1:0',
    'https://300.0.2.1:7443',
    'https://192.0.2.1:7443/',
    'https://me@192.0.2.1:7443',
    'https://192.0.2.1:7443?a',
    'https://under_score:7443',
    'https://[2001:db8:::1]:7443',
    '192.0.2.1:7443'
  ]) {
    const message =
      /server.yaml:1: agents.address: must be https:\/\/HOST:PORT, where HOST is a host name or an IP address$/
    await t.rejects(loadAddress(bad), { message }, bad)
  }
})

t.test('lifetimes are the defaults, or each one as the configuration says', async (t) => {
  const file = join(t.testdir({}), 'server.yaml')
  const loadWith = async (line: string) => {
    await writeFile(file, `agents: {address: "https://192.0.2.1:7443"}\n${line}\n`)
    return lifetimesOf(await loadConfig(file))
  }
  t.same(await loadWith(''), lifetimes)
  t.same(lifetimesOf({}), lifetimes)
  t.same(await loadWith('lifetimes: {approved: 3d}'), { ...lifetimes, approved: 3 * 24 * 3600_000 })
  t.same(await loadWith('lifetimes: {pending: 90m, frozen: 12h}'), {
    ...lifetimes,
    pending: 90 * 60_000,
    frozen: 12 * 3600_000
  })
  for (const bad of ['0d', '3', '-1h', '1.5h', '1w', 'never']) {
    await t.rejects(loadWith(`lifetimes: {pending: ${bad}}`), { message: /server.yaml:2: lifetimes.pending: / }, bad)
  }
  await t.rejects(loadWith('lifetimes: {ready: 3d}'), { message: /lifetimes.ready: unknown key/ })
})

t.test('an enrolment that ended is kept for 90 days, or as many as the configuration says', async (t) => {
  const file = join(t.testdir({}), 'server.yaml')
  const loadWith = async (line: string) => {
    await writeFile(file, `agents: {address: "https://192.0.2.1:7443"}\n${line}\n`)
    return (await loadConfig(file)).retention
  }
  t.equal(await loadWith(''), '90d')
  for (const days of ['1d', '365d', '9999d']) t.equal(await loadWith(`retention: ${days}`), days, days)
  for (const bad of ['0d', '90', '12h', '-1d', '1.5d', '10000d', 'forever']) {
    await t.rejects(loadWith(`retention: ${bad}`), { message: /server.yaml:2: retention: / }, bad)
  }
})

t.test('serving certificates are left alone, unless the configuration has another known word', async (t) => {
  const file = join(t.testdir({}), 'server.yaml')
  const loadWith = async (line: string) => {
    await writeFile(file, `agents: {address: "https://192.0.2.1:7443"}\n${line}\n`)
    return (await loadConfig(file)).servingCertificates
  }
  t.equal(await loadWith(''), undefined)
  for (const word of ['leave', 'approve']) t.equal(await loadWith(`servingCertificates: ${word}`), word, word)
  for (const word of ['true', 'Approve', '[approve]']) {
    await t.rejects(loadWith(`servingCertificates: ${word}`), { message: /server.yaml:2: servingCertificates: / }, word)
  }
})

t.test('metrics have an address and a credential, or there are none', async (t) => {
  const file = join(t.testdir({}), 'server.yaml')
  const loadWith = async (metrics: string) => {
    await writeFile(file, `agents: {address: "https://192.0.2.1:7443"}\nmetrics: ${metrics}\n`)
    return (await loadConfig(file)).metrics
  }
  t.same(await loadWith('{listen: ":9744", tokenFile: /t}'), { listen: ':9744', tokenFile: '/t' })
  t.same(await loadWith('{listen: ":9744", clientCa: /c, certificate: /a, key: /k}'), {
    listen: ':9744',
    clientCa: '/c',
    certificate: '/a',
    key: '/k'
  })
  for (const [bad, message] of [
    ['{}', /metrics.listen: is missing/],
    ['{listen: ":9744"}', /server.yaml:2: metrics: needs tokenFile or clientCa/],
    ['{tokenFile: /t}', /metrics.listen: is missing/],
    ['{listen: "9744", tokenFile: /t}', /server.yaml:2: metrics.listen: must be ADDRESS:PORT/],
    ['{listen: ":9744", tokenFile: t}', /server.yaml:2: metrics.tokenFile: must be the absolute path of a file/],
    ['{listen: ":9744", tokenFile: /t, key: /k}', /server.yaml:2: metrics: certificate and key belong together/],
    ['{listen: ":9744", tokenFile: /t, token: secret}', /metrics.token: unknown key/]
  ] as const) {
    await t.rejects(loadWith(bad), { message }, bad)
  }
})
