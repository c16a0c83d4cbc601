// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_tfeventsStub(); void bottega_tfeventsStub() {} }
