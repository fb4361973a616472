import { readFileSync } from 'node:fs'
import { configFile, runDirectory, stateDirectory } from '@joinery/agent/commands/paths.ts'
import { joinFiles } from '@joinery/agent/machine/kubeadm/join-unit.ts'
import { parseConfig } from '@joinery/protocol/config'
import { defaultConfigFile, defaultStateDirectory } from '@joinery/server/commands/paths.ts'
import { ServerConfig } from '@joinery/server/config.ts'
import t from 'tap'

const lines = (name: string) => readFileSync(new URL(`../../systemd/${name}`, import.meta.url), 'utf8').split('\n')

t.test('the join unit reads and writes the files that the agent knows', async (t) => {
  const { configuration, log } = joinFiles(runDirectory)
  const unit = lines('joinery-join.service')
  t.ok(unit.includes(`ConditionPathExists=${configuration}`))
  t.ok(unit.includes(`ExecStart=kubeadm join --config ${configuration}`))
  t.ok(unit.includes(`StandardOutput=append:${log}`))
})

t.test('the agent starts by its configuration, and the boot hook by the journal', async (t) => {
  t.ok(lines('joinery-agent.service').includes(`ConditionPathExists=${configFile}`))
  t.ok(lines('joinery-agent-boot.service').includes(`ConditionPathExists=${stateDirectory}/journal.json`))
})

t.test('only root sees the folder of the join on tmpfs', async (t) => {
  t.ok(lines('joinery-agent.tmpfiles.conf').includes(`d ${runDirectory} 0700 root root -`))
})

t.test('the server runs as a user of its own, with the folders that its programs know', async (t) => {
  const unit = lines('joinery-server.service')
  t.ok(unit.includes('User=joinery'))
  t.match(lines('joinery-server.sysusers.conf')[0], /^u joinery - /)
  t.ok(unit.includes(`ConditionPathExists=${defaultConfigFile}`))
  t.ok(unit.includes('StateDirectory=joinery-server'))
  t.ok(unit.includes('RuntimeDirectory=joinery'))
  t.equal(defaultStateDirectory, '/var/lib/joinery-server')
  t.match(parseConfig(ServerConfig, 'agents: {address: "https://192.0.2.1:7443"}'), {
    value: { state: '/var/lib/joinery-server', operators: { socket: '/run/joinery/operator.sock' } }
  })
})
