import { bundleAll } from './bundle/bundle.ts'

await bundleAll()
