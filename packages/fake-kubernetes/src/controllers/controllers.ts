import type { Asked, Verdict } from '../identity/user.ts'
import type { Authority } from '../kubeadm/authority.ts'
import type { Objects } from '../objects/objects.ts'
import { textOf } from '../objects/refused.ts'
import { bootstrapSigner, tokenCleaner } from './bootstrap-tokens.ts'
import { csrApproving } from './csr-approving.ts'
import { csrCleaner } from './csr-cleaner.ts'
import { csrSigning, type Signing } from './csr-signing.ts'
import { csrs } from './csrs.ts'
import { daemonSetController } from './daemon-sets.ts'
import { garbageCollector, podCollector } from './garbage.ts'
import { namespaceController } from './namespaces.ts'
import { nodeTaints } from './node-taints.ts'

export interface Controllers {
  /** Runs all of them until nothing is due, and everything is signed. */
  runAll(): Promise<void>
  /** Runs those that go by the clock. The API server calls it before a request if the clock has moved. */
  due(): void
  /** Ends them. */
  stop(): void
  signing: Signing
}

export interface World {
  objects: Objects
  now: () => Date
  authority: Authority
  /** Judges as a SubjectAccessReview does. */
  authorize: (asked: Asked) => Verdict
}

/** The function reads what there is, and writes what is due: it may run at any time. It is due after a change of these resources. */
type Controller = [run: () => void, ...resources: string[]]

/** Starts the controllers of kube-controller-manager. They run some time after a change, never within it. */
export const startControllers = ({ objects, now, authority, authorize }: World): Controllers => {
  const signing: Signing = { isHeld: false }
  const signer = csrSigning(objects, now, authority, signing)
  const timed: readonly Controller[] = [
    [csrCleaner(objects, now), textOf(csrs)],
    [tokenCleaner(objects, now), 'secrets'],
    [bootstrapSigner(objects, now), 'secrets', 'configmaps'],
    [podCollector(objects, now), 'nodes', 'pods']
  ]
  const collector: Controller = [garbageCollector(objects)]
  const all: readonly Controller[] = [
    ...timed,
    collector,
    [csrApproving(objects, now, authorize), textOf(csrs), ...rbac],
    [signer.run, textOf(csrs)],
    [nodeTaints(objects), 'nodes'],
    [daemonSetController(objects), 'nodes', 'pods', 'daemonsets.apps'],
    [namespaceController(objects, authority.certificate), 'namespaces', 'serviceaccounts', 'configmaps']
  ]

  const waiting = new Set<Controller>()
  let immediate: NodeJS.Immediate | undefined
  const runWaiting = (): void => {
    immediate = undefined
    for (const [run] of all.filter((controller) => waiting.delete(controller))) run()
  }
  const end = objects.follow(({ type, resource, object }) => {
    for (const controller of all) if (controller.includes(resource)) waiting.add(controller)
    if (type === 'DELETED' || object.metadata.ownerReferences !== undefined) waiting.add(collector)
    if (waiting.size > 0) immediate ??= setImmediate(runWaiting).unref()
  })

  return {
    signing,
    runAll: async () => {
      for (let before = -1; before !== objects.revision; ) {
        before = objects.revision
        for (const [run] of all) run()
        await signer.settled()
      }
    },
    due: () => {
      for (const [run] of timed) run()
    },
    stop: () => {
      end()
      clearImmediate(immediate)
    }
  }
}

const rbac = ['clusterroles', 'clusterrolebindings'].map((plural) => `${plural}.rbac.authorization.k8s.io`)
