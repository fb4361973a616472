import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, isIP } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { httpPairingServer } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { fingerprint, serverName } from '@joinery/protocol'
import {
  type Authority,
  cryptoKeys,
  type KeyPair,
  makeAuthority,
  makeKey,
  makeLeaf,
  readKeyPair,
  signingAlgorithm
} from '@joinery/server/testing/keys'
import { openPairing } from '@joinery/testing/pairing/pairing'
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import type { Test } from 'tap'
import t from 'tap'

const day = 24 * 3600_000

const newAuthority = async (): Promise<Authority> => {
  const pair = readKeyPair(makeKey())
  return { pair, certificate: await makeAuthority(pair, new Date()) }
}

/** Key and certificate of a server by this CA, issued at that time. */
const newLeaf = async (authority: Authority, issued = new Date()) => {
  const key = makeKey()
  return { key, certificate: await makeLeaf(authority, readKeyPair(key), ['127.0.0.1'], issued) }
}

/** A server that is not the pinned one: whatever a client says to it after the handshake is kept. */
const impostor = async (t: Test, options: { key: string; cert: string }) => {
  const heard: Buffer[] = []
  const server = createTlsServer(options, (socket) => {
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        heard.push(chunk)
        socket.destroy()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

t.test('no byte is sent to a server with another key', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const stranger = await newAuthority()
  const leaf = await newLeaf(stranger)
  const fake = await impostor(t, { key: leaf.key, cert: `${leaf.certificate}\n${stranger.certificate}` })
  const client = httpPairingServer(fake.url, pairing.pin, async () => machine.identity, systemClock)
  const { code } = await pairing.code('worker-1')
  const seen = fingerprint(stranger.pair.publicKey)
  await t.rejects(client.enrol({ code, name: 'a', facts: machine.facts, preflight: [] }), {
    message: `${fake.url} is not the pinned server: expected a CA with key ${pairing.pin}, seen ${seen}; nothing was sent`
  })
  t.equal(Buffer.concat(fake.heard).length, 0)
})

t.test('a chain with the pinned CA but without its key gets nothing', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code, install } = await pairing.code('worker-1')
  const leaf = await newLeaf(await newAuthority())
  const fake = await impostor(t, { key: leaf.key, cert: `${leaf.certificate}\n${install.certificateAuthority}` })
  const client = httpPairingServer(fake.url, pairing.pin, async () => machine.identity, systemClock)
  await t.rejects(client.enrol({ code, name: 'a', facts: machine.facts, preflight: [] }), { name: 'Error' })
  t.equal(Buffer.concat(fake.heard).length, 0)
})

/** By the pinned CA, but not what a server of ours has; and what the agent says of it. */
const foreign: [what: string, names: string[], usage: ExtendedKeyUsage, said: RegExp][] = [
  ['for its address alone', ['127.0.0.1'], ExtendedKeyUsage.serverAuth, /its certificate is not for joinery-server; /],
  ['for another name', ['joinery-servers'], ExtendedKeyUsage.serverAuth, /its certificate is not for joinery-server; /],
  ['for clients', [serverName], ExtendedKeyUsage.clientAuth, /unsuitable certificate purpose/]
]
for (const [what, names, usage, said] of foreign) {
  t.test(`a certificate by the pinned CA that is ${what} gets nothing, because the leaf is verified`, async (t) => {
    const authority = await newAuthority()
    const machine = await (await openPairing(t)).machine()
    const key = makeKey()
    const cert = await signed(authority, readKeyPair(key), names, usage)
    const fake = await impostor(t, { key, cert: `${cert}\n${authority.certificate}` })
    const pin = fingerprint(authority.pair.publicKey)
    await t.rejects(httpPairingServer(fake.url, pin, async () => machine.identity, systemClock).claim(), {
      message: said
    })
    t.equal(Buffer.concat(fake.heard).length, 0)
  })
}

/** PEM of a certificate for these names and this usage, good now. */
const signed = async (authority: Authority, pair: KeyPair, names: readonly string[], usage: ExtendedKeyUsage) => {
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=another',
    issuer: new X509Certificate(authority.certificate).subjectName,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    publicKey: cryptoKeys(pair).publicKey,
    signingKey: cryptoKeys(authority.pair).privateKey,
    signingAlgorithm,
    extensions: [
      new ExtendedKeyUsageExtension([usage]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }))
      )
    ]
  })
  return certificate.toString('pem')
}

t.test('a certificate out of its time points at the clock', async (t) => {
  const authority = await newAuthority()
  const pin = fingerprint(authority.pair.publicKey)
  const machine = await (await openPairing(t)).machine()
  const connect = async (issued: Date) => {
    const leaf = await newLeaf(authority, issued)
    const server = await impostor(t, { key: leaf.key, cert: `${leaf.certificate}\n${authority.certificate}` })
    const clock = { now: () => Date.parse('2031-05-06T07:08:09Z') }
    await httpPairingServer(server.url, pin, async () => machine.identity, clock).claim()
  }
  await t.rejects(connect(new Date(Date.now() + 10 * day)), {
    message: /not valid yet by this machine's clock \(2031-05-06T07:08:09\.000Z\): set the clock; nothing was sent/
  })
  await t.rejects(connect(new Date(Date.now() - 1000 * day)), {
    message: /has expired by this machine's clock \(2031-05-06T07:08:09\.000Z\).*nothing was sent/
  })
})

t.test('the error about a server without TLS says so', async (t) => {
  const heard: Buffer[] = []
  const plain = createTcpServer((socket) => {
    socket.on('error', () => {}).on('data', (chunk: Buffer) => heard.push(chunk))
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  t.teardown(() => void plain.close())
  const machine = await (await openPairing(t)).machine()
  const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`
  const client = httpPairingServer(url, `sha256:${'a'.repeat(64)}`, async () => machine.identity, systemClock)
  await t.rejects(client.claim(), { message: /does not speak TLS \(plain HTTP\?\); nothing was sent/ })
})

t.test('the error about a missing server is in plain words', async (t) => {
  const machine = await (await openPairing(t)).machine()
  const client = httpPairingServer(
    'https://127.0.0.1:1',
    `sha256:${'a'.repeat(64)}`,
    async () => machine.identity,
    systemClock
  )
  await t.rejects(client.claim(), { message: 'https://127.0.0.1:1: nothing listens there (connection refused)' })
})
