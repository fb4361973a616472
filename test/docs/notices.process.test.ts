import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseConfig } from '@joinery/host/config-file'
import { noticeKinds } from '@joinery/protocol'
import { noticeTypes } from '@joinery/protocol/notices'
import { ServerConfig } from '@joinery/server/testing/config'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { openReceiver } from '@joinery/testing/pairing/receiver'
import { Webhook } from 'standardwebhooks'
import t, { type Test } from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { pageFile } from './page-files.ts'
import { root } from './pages.ts'
import { Shell } from './shell.ts'

// a server, and two programs that start
t.setTimeout(120_000)

const page = readFileSync(join(root, 'docs/how-to/notices.md'), 'utf8')
const tracing = readFileSync(join(root, 'docs/how-to/tracing.md'), 'utf8')

/** A secret file, made by the commands of the page: the folder is another one, and belongs to whoever runs this test. */
const secretFile = async (t: Test): Promise<string> => {
  const folder = t.testdir({})
  const here = (command: string) => command.replaceAll('/etc/joinery', folder).replace(' -o root -g joinery', '')
  const { code, output } = await new Shell(readmeCommands(page, 'secret').map(here).join(' && ')).ended
  t.equal(code, 0, output)
  return join(folder, 'relay.secret')
}

t.test('the commands of the page make a secret, try a receiver, and show what it did not take', async (t) => {
  const receiver = await openReceiver(t)
  const file = await secretFile(t)
  t.equal((await stat(file)).mode & 0o777, 0o640)
  const pairing = await openPairing(t, { webhooks: [{ name: 'relay', url: receiver.url, secretFile: file }] })
  for (const command of [...readmeCommands(page, 'webhook'), ...readmeCommands(page, 'look')]) {
    const { exitCode, out, err } = await runWith(
      ['--socket', pairing.config.operators.socket, ...command.split(' ').slice(1)],
      {}
    )
    t.equal(exitCode, 0, `${command}\n${err}`)
    t.match(out, /relay/, command)
  }
})

t.test('what the pages put into server.yaml is what the server takes', async (t) => {
  const whole = (part: string) => parseConfig(ServerConfig, `agents: {address: "https://x:7443"}\n${part}`)
  t.match(whole(pageFile(page, 'server.yaml')), { value: { webhooks: [{ name: 'relay' }] } })
  t.match(whole(pageFile(tracing, 'server.yaml')), { value: { logFormat: 'text', tracing: { endpoint: /4318/ } } })
})

t.test('the page has each event with its type', async (t) => {
  for (const kind of noticeKinds) t.match(page, `| \`${kind}\` | \`${noticeTypes[kind]}\` |`)
})

/** Has a program say by its channel on which port it listens. */
const tellsPort = `
  import { Server } from 'node:net'
  const { listen } = Server.prototype
  Server.prototype.listen = function (...given) {
    return listen.apply(this, given).once('listening', () => process.send(this.address().port))
  }`

/** The relay of the page with this configuration, and a function that gives it a notice. */
const startRelay = async (t: Test, destination: object) => {
  const file = await secretFile(t)
  const folder = dirname(file)
  await writeFile(join(folder, 'relay.mjs'), pageFile(page, 'relay.mjs'))
  const config = { ...JSON.parse(pageFile(page, 'relay.json')), port: 0, secretFile: file }
  const { slack: _, ...others } = config
  await writeFile(join(folder, 'relay.json'), JSON.stringify({ ...others, ...destination }))
  const words = [`--import=data:text/javascript,${encodeURIComponent(tellsPort)}`, 'relay.mjs', 'relay.json']
  const relay = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  t.teardown(async () => {
    relay.kill()
    await once(relay, 'close')
  })
  const [port] = await once(relay, 'message')
  const judge = new Webhook(readFileSync(file, 'utf8').trim())
  return async (notice: object, signature?: string): Promise<number> => {
    const [body, at] = [JSON.stringify(notice), new Date()]
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body,
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`,
        'webhook-signature': signature ?? judge.sign('msg_1', at, body)
      }
    })
    return answer.status
  }
}

const pending = JSON.parse(pageFile(page, 'notice.json'))

t.test('the relay passes a notice on to Slack, and nothing that is not signed', async (t) => {
  const slack = await openReceiver(t)
  const give = await startRelay(t, { slack: slack.url })
  t.equal(await give(pending), 204)
  const hostile = { ...pending, data: { ...pending.data, name: '<!channel>', message: '<https://evil.example|click>' } }
  t.equal(await give(hostile), 204)
  t.same(
    slack.received.map(({ text }) => JSON.parse(text)),
    [
      { text: 'enrolment.pending worker-1: waiting for approval\njoinery show worker-1' },
      {
        text: 'enrolment.pending &lt;!channel&gt;: &lt;https://evil.example|click&gt;\njoinery show worker-1'
      }
    ]
  )
  for (const signature of ['', 'v1,', `v1,${'A'.repeat(43)}=`]) t.equal(await give(pending, signature), 401, signature)
  t.equal(slack.received.length, 2)
  slack.status = 500
  t.equal(await give(pending), 502, 'and the server tries again')
})

t.test('the relay passes a notice on to Alertmanager, as its API wants alerts', async (t) => {
  const alertmanager = await openReceiver(t)
  const give = await startRelay(t, { alertmanager: alertmanager.url.replace('/hook', '') })
  const alert = {
    type: 'alert.raised',
    timestamp: '2026-11-25T12:00:00.000Z',
    data: { subject: 'node/worker-9', event: 'unknown-node', detail: 'a stranger', next: 'joinery nodes' }
  }
  t.equal(await give(alert), 204)
  t.same(JSON.parse(alertmanager.received[0]?.text ?? ''), [
    {
      labels: { alertname: 'Joinery', type: 'alert.raised', subject: 'node/worker-9' },
      annotations: { description: 'a stranger', next: 'joinery nodes' },
      startsAt: '2026-11-25T12:00:00.000Z',
      endsAt: '2026-11-25T13:00:00.000Z'
    }
  ])
})
