import t from 'tap'
import { machineContract } from '../contract/machine-contract.ts'
import { openBed } from './bed/bed.ts'
import { contractMachines } from './contract-machines.ts'
import { agentPackage, installProduct } from './product.ts'

t.setTimeout(0)

/** The contract of the machine's four ports on virtual machines that have the agent's package, and a real cluster. */
const bed = await openBed()
t.teardown(() => bed.close())
const product = await installProduct(bed)
// its set-up is needed, for the group of the tokens; what it does for a machine is this suite's part
await product.kill()

const numbers = { good: 1, unlucky: 2, refused: 3, killed: 4 }
const open = contractMachines(bed)
// how the package is installed is the part of other suites
const template = await bed.templateWith(agentPackage)

await machineContract(t, 'a virtual machine', (fate) => open(fate, numbers[fate], { template }))
