// The contract suite over instances and disks of Google Cloud, on the fake project: suspend and resume, snapshots and machine
// images.
import { contractSuite } from '../../src/testing/index.ts'
import { savedDisk, savedInstance, suspended } from '../support/gcp/things-on-fake.ts'

contractSuite('GCP instances that are suspended, on the fake', suspended)
contractSuite('GCP snapshots of instances, on the fake', savedInstance(true))
contractSuite('GCP machine images, on the fake', savedInstance(false))
contractSuite('GCP snapshots of free disks, on the fake', savedDisk(false))
contractSuite('GCP snapshots of attached disks, on the fake', savedDisk(true))
