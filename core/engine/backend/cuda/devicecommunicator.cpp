// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/devicecommunicator.h"

#include "core/engine/backend/cuda/cudaerror.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace bottega::engine::cuda {

namespace {

/// The first rank's bytes, for all: the others add zeros, and the mean of small whole numbers is exact.
BottegaRankId shareId(const BottegaRankId &id, Communicator &host)
{
    std::array<float, sizeof id.bytes> values = {};
    const auto ranks = static_cast<float>(host.ranks());
    if (host.rank() == 0)
        std::transform(std::begin(id.bytes), std::end(id.bytes), values.begin(),
                       [ranks](char byte) { return ranks * static_cast<float>(byte); });
    host.allReduceMean(values);
    BottegaRankId shared = {};
    std::transform(values.begin(), values.end(), shared.bytes, [](float value) { return static_cast<char>(value); });
    return shared;
}

class NcclCommunicator final : public DeviceCommunicator
{
public:
    NcclCommunicator(const BottegaCudaModule &module, Communicator &host, std::shared_ptr<Queue> queue)
        : m_module(module), m_host(host), m_queue(std::move(queue))
    {
        BottegaRankId id = {};
        char error[bottegaErrorSize] = "";
        if (rank() == 0 && m_module.makeRankId(&id, error) != bottegaDone)
            throw callFailed("ncclGetUniqueId", m_queue->facts(), error);
        id = shareId(id, m_host);
        m_communicator = m_module.join(&id, rank(), ranks(), error);
        if (!m_communicator)
            throw callFailed("joining the other ranks", m_queue->facts(), error);
    }
    ~NcclCommunicator() override
    {
        if (m_communicator)
            m_module.leave(m_communicator);
    }

    int rank() const override { return m_host.rank(); }
    int ranks() const override { return m_host.ranks(); }
    void allReduceMean(std::span<float> values) override { m_host.allReduceMean(values); }
    void barrier() override { m_host.barrier(); }

    void allReduceMean(float *values, std::size_t count, void *stream) override
    {
        char error[bottegaErrorSize] = "";
        if (m_module.allReduceMean(m_communicator, values, count, stream, error) != bottegaDone)
            throw callFailed("ncclAllReduce", m_queue->facts(), error);
    }

    void check() override
    {
        try {
            m_host.check();
        } catch (...) {
            m_module.abort(m_communicator); // else the device would wait for ever, and whoever waits for it
            m_communicator = nullptr;
            throw;
        }
    }

private:
    const BottegaCudaModule &m_module;
    Communicator &m_host;
    std::shared_ptr<Queue> m_queue;
    BottegaCommunicator *m_communicator = nullptr;
};

} // namespace

std::unique_ptr<DeviceCommunicator> joinDevices(const BottegaCudaModule &module, Communicator &host,
                                                const std::shared_ptr<Queue> &queue)
{
    return std::make_unique<NcclCommunicator>(module, host, queue);
}

} // namespace bottega::engine::cuda
