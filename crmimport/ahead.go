package crmimport

import "iter"

// aheadRecords is how many records are read at a time, and at most twice as many
// wait.
const aheadRecords = 128

type readRecord struct {
	record Record
	err    error
	bytes  int64 // how far the reader was
}

// ahead reads the next records while those before them are applied. Read is how
// far the reader is; bytes becomes how far it was at the record that the loop is
// at. Nothing runs any more when the loop has ended.
func ahead(records iter.Seq2[Record, error], read, bytes *int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		batches, left := make(chan []readRecord, 1), make(chan struct{})
		go func() {
			defer close(batches)
			sendBatches(records, read, batches, left)
		}()
		defer func() {
			close(left)
			for range batches { // until the reader has ended
				continue
			}
		}()
		for batch := range batches {
			for _, r := range batch {
				*bytes = r.bytes
				if !yield(r.record, r.err) {
					return
				}
			}
		}
	}
}

// sendBatches ends with the records, or when the reader of the batches has left.
func sendBatches(records iter.Seq2[Record, error], read *int64, batches chan<- []readRecord, left <-chan struct{}) {
	batch := make([]readRecord, 0, aheadRecords)
	send := func() bool {
		select {
		case batches <- batch:
			batch = make([]readRecord, 0, aheadRecords)
			return true
		case <-left:
			return false
		}
	}
	for record, err := range records {
		batch = append(batch, readRecord{record, err, *read})
		if len(batch) == aheadRecords && !send() {
			return
		}
	}
	send()
}
