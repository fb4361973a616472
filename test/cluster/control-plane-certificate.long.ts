import { controlPlaneJourney } from './control-plane-journey.ts'

await controlPlaneJourney({ credential: 'certificate', etcd: 'stacked' })
