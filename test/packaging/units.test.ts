import { readFileSync } from 'node:fs'
import { configFile, runDirectory, stateDirectory } from '@joinery/agent/commands/paths.ts'
import { joinFiles } from '@joinery/agent/machine/kubeadm/join-unit.ts'
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
