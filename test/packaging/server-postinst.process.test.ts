import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'

const script = readFileSync(new URL('../../packaging/debian/server/postinst', import.meta.url), 'utf8')

interface Host {
  /** A server was set up here before. */
  configured?: boolean
  systemd: boolean
  enabled: boolean
  starts: boolean
}

/** Runs the script on a host that is played; gives what it asked systemctl to do. */
const configure = (t: Test, { configured = false, systemd, enabled, starts }: Host, ...words: string[]) => {
  const folder = t.testdir({ bin: {}, etc: configured ? { 'server.yaml': '' } : {}, ...(systemd ? { run: {} } : {}) })
  const program = (name: string, text: string) => {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${text}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  program('systemd-sysusers', '')
  program('deb-systemd-helper', '')
  program('joinery-server', `echo "joinery-server $@" >> ${folder}/asked\nexit ${starts ? 0 : 1}`)
  program(
    'systemctl',
    `echo "$@" >> ${folder}/asked
case "$*" in
  *is-enabled*) exit ${enabled ? 0 : 1} ;;
  *start*) exit ${starts ? 0 : 1} ;;
esac`
  )
  const here = script.replaceAll('/run/systemd/system', `${folder}/run`).replaceAll('/etc/joinery', `${folder}/etc`)
  const { status, stdout } = spawnSync('sh', ['-c', here, 'postinst', ...words], {
    env: { PATH: `${folder}/bin:${process.env.PATH}` },
    encoding: 'utf8'
  })
  t.equal(status, 0, 'the package is configured')
  const asked = existsSync(`${folder}/asked`) ? readFileSync(`${folder}/asked`, 'utf8').split('\n') : []
  return { stdout, asked, starts: asked.filter((line) => line.includes('start')) }
}

const running = { systemd: true, enabled: true, starts: true }

t.test('an enabled server runs when its package is configured, whether it ran before or not', async (t) => {
  for (const words of [['configure', ''], ['configure', '0.1.0'], ['abort-remove'], ['abort-upgrade', '0.2.0']]) {
    t.same(configure(t, running, ...words).starts, ['restart joinery-server.service'], words.join(' '))
  }
})

t.test('a server that is not enabled is only restarted if it runs, and never started', async (t) => {
  const first = configure(t, { ...running, enabled: false }, 'configure', '')
  t.same(first.starts, ['try-restart joinery-server.service'])
  t.match(first.stdout, /^Next: joinery-server init$/m)
})

t.test('a server that does not start does not fail the installation', async (t) => {
  for (const enabled of [true, false]) configure(t, { systemd: true, enabled, starts: false }, 'configure', '0.1.0')
})

t.test('without systemd nothing is started, and another word of dpkg does nothing', async (t) => {
  t.same(configure(t, { ...running, systemd: false }, 'configure', '').starts, [])
  t.same(configure(t, running, 'triggered').starts, [])
})

t.test(
  'an upgrade takes the keys of the CAs from the server before it runs again, and goes on if that fails',
  async (t) => {
    for (const starts of [true, false]) {
      const { asked } = configure(t, { ...running, starts, configured: true }, 'configure', '0.1.0')
      const at = asked.indexOf('joinery-server renew-leaf')
      t.ok(at >= 0 && at < asked.indexOf('restart joinery-server.service'))
    }
    t.notMatch(configure(t, running, 'configure', '').asked.join(), 'renew-leaf', 'a first installation has none')
  }
)
