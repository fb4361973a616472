import { storeOnFakeLog } from '@joinery/testing/pairing/store-on-log'
import t from 'tap'
import { storeContract } from './store-contract.ts'

storeContract(t, 'a copy of the fake log', storeOnFakeLog)
