// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_computeStub(); void bottega_computeStub() {} }
