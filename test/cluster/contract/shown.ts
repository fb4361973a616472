import { enrolmentVerbs } from '@joinery/kube/door'
import { serverUsername } from '@joinery/kube/names'
import type { Test } from 'tap'
import { aView } from '../../contract/views-contract.ts'
import { deleting, making, merging, pathOf, tryingToMake } from '../api-desk.ts'
import { code, decision, enrolment, id, installation, other } from './operators.ts'
import type { ContractSite } from './site.ts'

const alone = /pairing server alone writes/
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Who writes what the server shows, who may what, and what a person sees of the objects. */
export const shownRefusals = async (t: Test, { api, bed }: ContractSite): Promise<void> => {
  await t.test('nobody but the server writes what the server shows', async (t) => {
    for (const user of ['alice', 'adam'])
      t.match(await api.refusal(user, tryingToMake(enrolment(other))), /cannot create resource/, user)
    for (const user of ['wanda', '']) t.match(await api.refusal(user, tryingToMake(enrolment(other))), alone, user)
    const path = pathOf(enrolment(id))
    await api.ask(serverUsername, making(enrolment(id)))
    t.match(await api.refusal('', deleting(path)), alone)
    t.match(await api.refusal('', merging(path, { metadata: { annotations: { a: 'b' } } })), alone)
    for (const user of ['wanda', ''])
      t.match(await api.refusal(user, merging(`${path}/status`, { status: aView({ state: 'ready' }) })), alone, user)
    t.match(await api.refusal('', tryingToMake(installation('joinery'))), alone)
    t.match(await api.refusal(serverUsername, tryingToMake(installation('another'))), /its name is joinery/)
    // the server has made it, and no policy stood before that
    t.match(await api.refusal(serverUsername, tryingToMake(installation('joinery'))), /already exists/)
    await api.ask(serverUsername, deleting(path))
  })

  await t.test('the roles of Joinery give who may what, and no stock role lets anybody decide', async (t) => {
    for (const [user, verbs] of [
      ['alice', ['approve', 'reject', 'release', 'retry']],
      ['adam', enrolmentVerbs],
      ['vera', []],
      ['wanda', []]
    ] as const) {
      for (const verb of enrolmentVerbs) {
        const may = await api.may(user, verb, 'joinery.dev', 'enrolments')
        t.equal(may, (verbs as readonly string[]).includes(verb), `${user} ${verb}`)
      }
    }
    for (const role of ['admin', 'edit', 'view']) {
      const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${role}`
      const { rules } = await api.ask<{ rules: { apiGroups: string[] }[] }>('', { method: 'GET', path })
      t.notMatch(rules.flatMap(({ apiGroups }) => apiGroups).join(), /joinery/, role)
    }
  })

  await t.test('a person sees what the objects are', async (t) => {
    const made = [
      ['adam', decision('adam', {}, { name: 'by-adam' })],
      ['alice', decision('alice', {}, { name: 'by-alice' })],
      ['adam', code('adam')],
      ['paula', code('paula', {}, 'cd'.repeat(32))],
      [serverUsername, enrolment(id)]
    ] as const
    for (const [user, object] of made) await api.ask(user, making(object))
    t.match(await bed.kubectl('get', 'enrolments'), /^NAME +NODE +STATE +ROLE +ADDRESS +AGE\n/)
    t.match(await bed.kubectl('get', 'decisions'), /^NAME +ENROLMENT +VERDICT +BY +RESULT +AGE\n/)
    t.match(await bed.kubectl('explain', 'decision.spec.revision'), /Revision that was shown\./)
    t.match(await bed.kubectl('explain', 'code.status'), /What became of the code; the server writes it\./)
    t.match(
      await bed.kubectl('get', 'joinery'),
      /^enrolment.joinery.dev\/[\s\S]*^decision.joinery.dev\/|^decision.joinery.dev\/[\s\S]*^enrolment.joinery.dev\//m
    )
    t.match(
      await bed.kubectl('get', 'crd', '-l', 'app.kubernetes.io/name=joinery', '-o', 'name'),
      /enrolments.joinery.dev/
    )
    for (const [kind, others] of [
      ['decisions', 'alice'],
      ['codes', 'paula']
    ] as const) {
      const selector = encodeURIComponent('spec.by!=adam,spec.by!=CN\\=x\\,O\\=y')
      const path = `/apis/joinery.dev/v1beta1/${kind}?fieldSelector=${selector}`
      const { items } = await api.ask<{ items: { spec: { by: string } }[] }>('', { method: 'GET', path })
      t.same(
        items.map(({ spec }) => spec.by),
        [others],
        'a look leaves out those of a user'
      )
    }
    for (const [user, object] of made)
      await api.ask(
        user === serverUsername ? user : '',
        deleting(pathOf({ ...object, metadata: { ...object.metadata } }))
      )
  })

  await t.test('no kind of object is deleted by mistake', async (t) => {
    const deletion = (name: string) => deleting(`${definitions}/${name}?dryRun=All`)
    t.match(await api.refusal('', deletion('decisions.joinery.dev')), /its objects would go with it/)
    const templates = `${definitions}/codetemplates.joinery.dev`
    const allow = (value: string | null) =>
      api.ask('', merging(templates, { metadata: { annotations: { 'joinery.dev/allow-deletion': value } } }))
    await allow('true')
    t.equal(await api.refusal('', deletion('codetemplates.joinery.dev')), '', 'who says that it is meant may')
    await allow(null)
  })
}
