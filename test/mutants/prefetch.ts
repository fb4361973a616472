import type { Mutant } from './mutant.ts'

const order = { file: 'packages/agent/src/prefetch/order.ts', killedBy: ['packages/agent/test/prefetch/order.test.ts'] }
const pulls = {
  file: 'packages/agent/src/prefetch/decide-pull.ts',
  killedBy: ['packages/agent/test/prefetch/decide-pull.test.ts']
}
const puller = {
  file: 'packages/agent/src/prefetch/prefetch.ts',
  killedBy: ['packages/agent/test/prefetch/prefetch.test.ts']
}
const index = {
  file: 'packages/server/src/core/ports/cluster/images/image-index.ts',
  killedBy: ['packages/server/test/core/ports/cluster/images/image-index.test.ts']
}
const images = {
  file: 'packages/server/src/core/enrolment/prefetch/images-of-new-node.ts',
  killedBy: ['packages/server/test/core/enrolment/prefetch/decide-images.test.ts']
}

/** Images that a machine pulls while it waits. */
export const prefetch: readonly Mutant[] = [
  {
    name: 'images-for-everybody',
    file: 'packages/protocol/src/machine/prefetch.ts',
    text: 'prefetch ?? (uses === 1 || from.length > 0)',
    instead: 'prefetch ?? true',
    rule: 'somebody who finds a code for many machines learns no name of an image',
    killedBy: ['packages/protocol/test/machine/prefetch.test.ts', 'test/journeys/worker/prefetch.test.ts']
  },
  {
    name: 'images-for-the-frozen',
    file: 'packages/server/src/core/enrolment/prefetch/images-of-new-node.ts',
    text: 'enrolment.terms.prefetch === true && isBeforeClaim(enrolment)',
    instead: 'enrolment.terms.prefetch === true',
    rule: 'a machine that is frozen or was turned away is told of no image',
    killedBy: [
      'packages/server/test/core/enrolment/prefetch/decide-images.test.ts',
      'test/journeys/worker/prefetch.test.ts'
    ]
  },
  {
    name: 'any-text-is-an-image',
    file: 'packages/protocol/src/machine/prefetch.ts',
    text: ' || readReference(image) === undefined || images.has(image)',
    instead: ' || images.has(image)',
    rule: 'the agent gives its runtime nothing but references',
    killedBy: ['packages/protocol/test/machine/prefetch.test.ts', 'packages/agent/test/prefetch/order.test.ts']
  },
  {
    ...index,
    name: 'digest-of-another-registry',
    text: 'digests.find(({ repository }) => repository === reference.repository)',
    instead: 'digests[0]',
    rule: 'a Node that lies leads nobody to another registry'
  },
  {
    ...index,
    name: 'many-voices-of-one-node',
    text: 'other.count - one.count || ',
    instead: '',
    rule: 'the digest that most Nodes have counts'
  },
  {
    ...images,
    name: 'image-behind-a-secret',
    text: '    if (needsSecret) continue\n',
    instead: '',
    rule: 'what needs a Secret of the cluster is left to the kubelet'
  },
  {
    ...images,
    name: 'images-without-end',
    text: 'bytes <= byteBounds.image && before + bytes <= byteBounds.all',
    instead: 'bytes <= byteBounds.image',
    rule: 'the bytes of all images together have a bound'
  },
  {
    name: 'images-of-other-nodes',
    file: 'packages/server/src/core/enrolment/prefetch/images-of-new-node.ts',
    text: "filter(({ needs }) => judgePlacement(needs, node) === 'runs')",
    instead: 'filter(() => true)',
    rule: 'a machine pulls what its own Node will run, and nothing else',
    killedBy: [
      'packages/server/test/core/enrolment/prefetch/images-of-new-node.test.ts',
      'test/journeys/worker/prefetch-daemon-sets.test.ts'
    ]
  },
  {
    ...order,
    name: 'pull-goes-on-after-a-rejection',
    text: "  if (!isBeforeClaim(enrolment)) return { do: 'stop' }\n",
    instead: "  if (!isBeforeClaim(enrolment)) return { do: 'finish' }\n",
    rule: 'a machine that was turned away gives up its pull'
  },
  {
    ...order,
    name: 'pulls-begin-after-the-approval',
    text: "  if (approvalCounts(enrolment)) return { do: 'finish' }\n",
    instead: '',
    rule: 'from the approval on a join has the line for itself'
  },
  {
    ...pulls,
    name: 'disk-filled-by-images',
    text: 'total - free + more <= usedAtMost * total',
    instead: 'more <= free',
    rule: 'a machine that waits does not fill its disk'
  },
  {
    ...pulls,
    name: 'pull-tried-for-ever',
    text: '(failed.get(image)?.count ?? 0) < failuresAtMost',
    instead: 'true',
    rule: 'an image that fails again and again is left to the kubelet'
  },
  {
    ...puller,
    name: 'disk-not-watched',
    text: '      if (!hasRoom(space, 0)) return pull.abort(fullDisk)\n',
    instead: '',
    rule: 'an image that is larger than it was said to be does not fill the disk'
  }
]
